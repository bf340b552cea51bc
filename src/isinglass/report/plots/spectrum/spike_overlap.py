# SPDX-License-Identifier: Apache-2.0
"""Squared overlap with the spike against its strength, by estimator, with theory.

Input: `overlap2` [estimator, strength] with _error; `strength_exact`, `overlap2_exact` [estimator, curve].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Squared cosine of the estimate and the spike against its strength; lines: theory, N → ∞. The top eigenvector "
)
CAPTION += "sees a spike above strength 1; message passing knows the law of its entries too."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each estimator."""
    figure, (axes,) = new_figure()
    for i, name in enumerate(arrays["estimator"].to_numpy()):
        axes.plot(arrays["strength_exact"][i], arrays["overlap2_exact"][i], color=color(i), linewidth=1.0)
        points(axes, arrays["strength"].to_numpy(), arrays["overlap2"].to_numpy()[i],
               arrays["overlap2_error"].to_numpy()[i], i, str(name), line=False)  # fmt: skip
    axes.set(xlabel="strength of the spike $λ$", ylabel="squared overlap", ylim=(-0.03, 1.03))
    legend(axes)
    return figure
