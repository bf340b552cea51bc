# SPDX-License-Identifier: Apache-2.0
"""Correlations of a quantum state: zz_correlation (or sz_, density_) by distance, by r on a torus, or of pairs."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from isinglass.errors import InputError
from isinglass.report.style import named, new_figure, points

__all__ = ["caption", "draw"]

LABELS = {"zz": r"Z_i Z_j", "sz": r"S^z_i S^z_j", "density": r"n_i n_j"}


def caption(arrays: xr.Dataset, of: str) -> str:
    """What of the state, against what."""
    C = variable(arrays, of)
    told = str(C.attrs.get("long_name", "correlations, not connected"))
    return f"{told}, of all pairs of sites." if C.ndim == 2 and "site" in str(C.dims[0]) else f"{told}; r = 0 left out."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points with error bars against |r|, on a torus that of the nearest image; colors where there are pairs alone."""
    C = variable(arrays, of)
    figure, (axes,) = new_figure()
    label = rf"$\langle {LABELS[str(C.name).partition('_')[0]]}\rangle$"
    values, error = C.to_numpy(), arrays[f"{C.name}_error"].to_numpy()
    if "site" in str(C.dims[0]):
        limit = float(np.abs(values[~np.eye(len(values), dtype=bool)]).max(initial=1e-12))
        image = axes.imshow(values, origin="lower", cmap="RdBu_r", vmin=-limit, vmax=limit)
        figure.colorbar(image, label=label)
        axes.set(xlabel="site $j$", ylabel="site $i$")
        axes.grid(visible=False)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        return figure
    if C.ndim == 1:
        r = arrays[C.dims[0]].to_numpy().astype(float)
    else:
        steps = [np.minimum(np.arange(L), L - np.arange(L)) for L in values.shape]
        r = np.sqrt(sum(d.astype(float) ** 2 for d in np.meshgrid(*steps, indexing="ij")))
    order = np.argsort(r, axis=None, kind="stable")[1:]
    bars = error.reshape(-1)[order]
    points(axes, r.reshape(-1)[order], values.reshape(-1)[order], bars if bars.any() else None, line=C.ndim == 1)
    axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="distance $|r|$", ylabel=label)
    return figure


def variable(arrays: xr.Dataset, of: str) -> xr.DataArray:
    """The correlations of a result.  Errors: InputError where it has none."""
    for kind in LABELS:
        if (name := named(f"{kind}_correlation", of)) in arrays:
            return arrays[name]
    raise InputError("correlations in the arrays of the result", "none", "measure those of a ground state")
