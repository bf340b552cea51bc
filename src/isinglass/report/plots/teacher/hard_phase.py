# SPDX-License-Identifier: Apache-2.0
"""Overlap with a teacher of signs, and with one whose signs are hidden, from nothing and from near, with fixed points.

Input: `binary` [start, binary_alpha] with _error; `hard_alpha`, `hard_exact` [field]; `retrieved` [start,
retrieval_alpha] with _error; `hidden_alpha`, `hidden_exact` [hidden_field]; attribute `size`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, points

__all__ = ["BAYES", "CAPTION", "PASSING", "draw"]

BAYES, PASSING = (1.245, 1.0), (1.493, 1.128)  # α above which the teacher is found: by Bayes, by message passing
CAPTION = (
    "Overlap of message passing with a teacher of signs (left), and squared cosine with one of real numbers seen by "
    "y = |z|, phase retrieval (right), against rows by unknowns. Black: all fixed points, N → ∞, "
)
CAPTION += (
    "besides 1. From near the teacher: the share of samples that stay there. Between the dashed lines Bayes finds the "
    "teacher and message passing from nothing does not."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two starts and the fixed points of each."""
    figure, both = new_figure(2)
    kinds = (("binary", "hard", "overlap", "teacher of signs"), ("retrieval", "hidden", "cosine²", "phase retrieval"))
    for axes, (kind, exact, ylabel, title), bayes, passing in zip(both, kinds, BAYES, PASSING, strict=True):
        alpha, of = arrays[f"{kind}_alpha"].to_numpy(), {"retrieval": "retrieved"}.get(kind, kind)
        axes.plot(arrays[f"{exact}_alpha"], arrays[f"{exact}_exact"], color=EXACT, linewidth=1.0, label="fixed points")
        for i, name in enumerate(arrays["start"].to_numpy()):
            points(axes, alpha, arrays[of].to_numpy()[i], arrays[f"{of}_error"].to_numpy()[i], i, str(name),
                   line=False)  # fmt: skip
        exact_line(axes, x=bayes, label="")
        exact_line(axes, x=passing, label="")
        axes.set(xlabel="rows by unknowns $α = n/N$", ylabel=ylabel, xlim=(0.4, max(1.9, 1.05 * alpha.max())),
                 ylim=(-0.03, 1.03), title=f"{title}, $N$ = {arrays.attrs['size']}")  # fmt: skip
    legend(both[0])
    return figure
