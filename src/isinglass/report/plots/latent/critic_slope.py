# SPDX-License-Identifier: Apache-2.0
"""A discriminator beside ln p/q; slopes of critics with a penalty beside those of congested transport.

Input: `p`, `q`, `logit`, `exact_logit`, `slope_1`, `slope_2` and exact_* of these [node].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: the two densities. Middle: logit of the trained discriminator and ln p/q (black). Right: slope of critics "
    "with penalty λ and 2λ, and of the exact ones (black)."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Three panels, where p + q is above 1e-3."""
    figure, (left, middle, right) = new_figure(3, width=10.5, height=3.4)
    a = arrays.isel(node=(arrays["p"] + arrays["q"]).to_numpy() > 1e-3)  # noqa: PLR2004
    x = a["node"].to_numpy()
    for i, name in enumerate(("p", "q")):
        left.plot(x, a[name], color=color(i), label=f"${name}$")
    middle.plot(x, a["exact_logit"], color=EXACT, linewidth=1.0)
    middle.plot(x, a["logit"], color=color(0), linestyle="--")
    for i, label in enumerate((r"$\lambda$", r"$2\lambda$")):
        right.plot(x, a[f"exact_slope_{i + 1}"], color=EXACT, linewidth=0.8)
        right.plot(x, a[f"slope_{i + 1}"], color=color(i), linestyle="--", label=label)
    left.set(xlabel="$x$", ylabel="density")
    middle.set(xlabel="$x$", ylabel="logit of the discriminator")
    right.set(xlabel="$x$", ylabel="slope of the critic", ylim=(0, 6))
    legend(left)
    legend(right)
    return figure
