# SPDX-License-Identifier: Apache-2.0
"""Divergences of the latents of linear autoencoders at each β, beside the closed form; eigenvalues of the rows.

Input: `divergence`, `exact_divergence` [beta, latent]; `eigenvalue` [entry].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: eigenvalues of the covariance. Right: what each latent tells of a row, <KL(q | N(0, 1))>, trained (points) "
    "and in closed form (steps); a pruned latent tells nothing."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels."""
    figure, (left, right) = new_figure(2, width=8.6, height=3.6)
    lam = arrays["eigenvalue"].to_numpy()
    left.plot(np.arange(1, len(lam) + 1), lam, "o", color=color(0), markersize=4)
    left.set(xlabel="component $i$", ylabel=r"eigenvalue $\lambda_i$", ylim=(0, None))
    d = arrays.sizes["latent"]
    for i, beta in enumerate(arrays["beta"].to_numpy()):
        found = arrays["divergence"].to_numpy()[i][::-1]
        exact = arrays["exact_divergence"].to_numpy()[i][::-1]
        right.step(np.arange(1, d + 1), exact, where="mid", color=color(i), linewidth=1.0)
        right.plot(np.arange(1, d + 1), found, "o", color=color(i), markersize=5, label=rf"$\beta$ = {beta:g}")
    right.set(xlabel="latent, by size", ylabel="divergence (nat)", xticks=np.arange(1, d + 1))
    legend(right)
    return figure
