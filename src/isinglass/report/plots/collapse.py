# SPDX-License-Identifier: Apache-2.0
"""Data collapse: output against (T - T_c) L^{1/ν} falls on one curve.

output_OF(size, temperature), output_OF_error; scalars extrapolated_OF (T_c) and nu_OF, nu_OF_error.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import method_label, named, new_figure, parameter_of, points, scalar, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = "The curves of all sizes against the scaled parameter; one curve means one exponent ν."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """All sizes over the scaled variable."""
    name = named("output", of)
    center, nu = scalar(arrays, named("extrapolated", of)), scalar(arrays, named("nu", of))
    error = scalar(arrays, named("nu", of) + "_error")
    figure, (axes,) = new_figure()
    for i, (text, which) in enumerate(series(arrays[name])):
        L = float(arrays["size"][which["size"]])
        x = (select(arrays, parameter_of(arrays)[0], which) - center) * L ** (1 / nu)
        points(axes, x, select(arrays, name, which), select(arrays, f"{name}_error", which), i, text, line=False)
    plus = f" ± {error:.2g}" if np.isfinite(error) else ""
    axes.set(xlabel=r"$(T - T_c)\, L^{1/\nu}$", ylabel="P(ordered)", ylim=(-0.03, 1.03))
    numbers = rf"$T_c$ = {center:.4f}, $\nu$ = {nu:.3g}{plus}"
    axes.set_title(f"{method_label(of)}: {numbers}" if of else numbers)
    axes.legend()
    return figure
