# SPDX-License-Identifier: Apache-2.0
"""Perceptron against CNN: accuracy by examples beside Bayes' ceiling, and of domains that are moved.

`accuracy`, `accuracy_error` [network, size], attribute `bayes_ceiling`; `moved_accuracy` [network, shift].
"""

import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from isinglass.report.label import readable
from isinglass.report.style import color, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: accuracy of telling order from disorder in new Ising configurations against the number of training "
    "examples; dashed: no classifier is better. Right: accuracy for domains that are moved, after training on them in "
    "one place."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each network."""
    figure, (left, right) = new_figure(2)
    for i, network in enumerate(arrays["network"].to_numpy()):
        y, error = (arrays[name].to_numpy()[i] for name in ("accuracy", "accuracy_error"))
        points(left, arrays["size"].to_numpy(), y, error, i, readable(str(network)))
        right.plot(arrays["shift"], arrays["moved_accuracy"][i], ".-", color=color(i))
    exact_line(left, y=float(arrays.attrs["bayes_ceiling"]), label="Bayes, exact")
    left.set(xscale="log", xlabel="training examples", ylabel="accuracy")
    left.set_xticks(arrays["size"].to_numpy(), [f"{n}" for n in arrays["size"].to_numpy()])
    left.set_xticks([], minor=True)
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.set(xlabel="shift of the domain", ylabel="accuracy", ylim=(-0.03, 1.03))
    legend(left)
    return figure
