# SPDX-License-Identifier: Apache-2.0
"""A density that has lost a mode: distribution of the order parameter, and ESS / n in both directions.

magnetization_density(method, magnetization), magnetization_density_target(magnetization);
ess_fraction(method, direction: reverse, forward), ess_fraction_error.
"""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: magnetization of the samples of each density, the target shaded. Right: ESS / n, estimated "
    "from its own samples (open) and from samples of the target (filled). Only the latter reveals a lost well."
)
FLOOR = 1e-4  # smaller values are plotted here, as a triangle


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Distributions in the left panel, ESS / n in the right one."""
    figure, (left, right) = new_figure(2)
    m = arrays["magnetization"].to_numpy()
    left.fill_between(m, arrays["magnetization_density_target"], color="0.85", linewidth=0, label="target", step="mid")
    for i, method in enumerate(arrays["method"].to_numpy()):
        label = readable(str(method))
        left.step(m, arrays["magnetization_density"][i], where="mid", color=color(i), label=label)
        for j, filled in enumerate((False, True)):
            share, error = (float(arrays[name][i, j]) for name in ("ess_fraction", "ess_fraction_error"))
            face = color(i) if filled else "white"
            style: dict[str, Any] = {
                "color": color(i),
                "marker": "o",
                "markerfacecolor": face,
                "markersize": 6,
                "linestyle": "none",
            }
            if share < FLOOR:
                right.plot(i + 0.2 * j - 0.1, FLOOR, **(style | {"marker": "v"}))  # pyright: ignore[reportArgumentType]
            else:
                right.errorbar(i + 0.2 * j - 0.1, share, min(error, 0.9 * share), **style)
    names = [readable(str(name)).replace(" ", "\n") for name in arrays["method"].to_numpy()]
    right.set_xticks(np.arange(len(names)), names)
    right.set(yscale="log", ylim=(FLOOR / 2, 1.5), ylabel="ESS / n")
    right.set_xlim(-0.5, len(names) - 0.5)
    right.plot([], [], "o", color="0.4", markerfacecolor="white", label="reverse: own samples")
    right.plot([], [], "o", color="0.4", label="forward: samples of the target")
    left.set(xlabel="magnetization $m$", ylabel="probability density")
    legend(left)
    legend(right, ncols=1)
    return figure
