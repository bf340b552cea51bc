# SPDX-License-Identifier: Apache-2.0
"""Overlap of retrieved states against the load, with its extrapolation and the theory.

Input: `finite_overlap` [size, load], `extrapolated_overlap` [extrapolated_load], each with _error; `theory_load`,
`theory_overlap` [curve]; attribute `exact_capacity`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Errors (1 - m)/2 of states retrieved from the patterns themselves, against the load α = P/N: by size, "
CAPTION += "extrapolated in 1/N, and of an infinite network (black line, ending at the capacity)."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Shares of wrong bits on a logarithmic axis; points without a wrong bit are left out."""
    figure, (axes,) = new_figure(height=4.0)
    load, sizes = arrays["load"].to_numpy(), arrays["size"].to_numpy()
    both = lambda name: (arrays[name].to_numpy(), arrays[f"{name}_error"].to_numpy())  # noqa: E731
    measured = [(f"$N$ = {N}", load, m, s) for N, m, s in zip(sizes, *both("finite_overlap"), strict=True)]
    limit = ("$N$ → ∞", arrays["extrapolated_load"].to_numpy(), *both("extrapolated_overlap"))
    wrong = (1 - arrays["theory_overlap"].to_numpy()) / 2
    shown = wrong > 1e-7  # noqa: PLR2004
    for i, (label, x, m, error) in enumerate([*measured, limit]):
        y, s = (1 - m) / 2, error / 2
        seen = y > s
        low = np.minimum(s, 0.9 * y)
        points(axes, x[seen], y[seen], np.stack([low, s])[:, seen], i, label, line=False)
    axes.plot(arrays["theory_load"][shown], wrong[shown], color=EXACT, linewidth=1.1, label="theory, $N$ → ∞")
    top = float(arrays.attrs["exact_capacity"])
    exact_line(axes, x=top, label=f"capacity {top:.4f}")
    axes.set(xlabel="load $α = P/N$", ylabel="wrong bits $(1 - m)/2$", yscale="log", ylim=(1e-6, 0.05),
             xlim=(0.04, 1.03 * load.max()))  # fmt: skip
    legend(axes)
    return figure
