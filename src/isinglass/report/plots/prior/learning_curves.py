# SPDX-License-Identifier: Apache-2.0
"""Error against the number of training examples, and the violation of the symmetry, for each prior and network.

`error`, `error_spread` [prior, network, size], relative; `violation` [prior, network].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Above: error on new examples, relative to their spread, against the number of training examples: mean over "
    "trainings with its standard error. Below: the largest violation of the symmetry, |f(gx) - gf(x)| by the spread "
    "of f."
)
FLOOR = 1e-9


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A column for each prior."""
    priors = [str(name) for name in arrays["prior"].to_numpy()]
    networks = [str(name) for name in arrays["network"].to_numpy()]
    figure = Figure(figsize=(max(4.0, 2.7 * len(priors)), 5.2), layout="constrained")
    panels = figure.subplots(2, len(priors), squeeze=False, sharey="row", height_ratios=(2, 1))
    size = arrays["size"].to_numpy()
    for i, name in enumerate(priors):
        above, below = panels[:, i]
        for k, network in enumerate(networks):
            y, error = (arrays[v].to_numpy()[i, k] for v in ("error", "error_spread"))
            points(above, size, y, np.minimum(error, 0.9 * y), k, readable(network) if i == 0 else None)
            violation = max(float(arrays["violation"][i, k]), FLOOR)
            below.bar(k, violation, bottom=FLOOR, color=color(k), width=0.7)
        above.set(xscale="log", yscale="log", xlabel="training examples")
        above.set_xticks(size, [f"{n}" for n in size], minor=False)
        above.set_xticks([], minor=True)
        above.text(0.04, 0.04, readable(name), transform=above.transAxes)
        below.set(yscale="log", ylim=(FLOOR, 30))
        below.set_xticks(range(len(networks)), [readable(n) for n in networks], rotation=30, ha="right")
        below.grid(visible=False, axis="x")
    panels[0, 0].set_ylabel("relative error")
    panels[1, 0].set_ylabel("violation")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3)
    return figure
