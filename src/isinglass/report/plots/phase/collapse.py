# SPDX-License-Identifier: Apache-2.0
"""Data collapse: the skewness of the network's logit against (T - T_c) L^{1/ν} falls on one curve.

skewness_OF(size, temperature), skewness_OF_error; scalars critical_OF (T_c), critical_OF_error, nu_OF, nu_OF_error.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import legend, named, new_figure, parameter_of, points, scalar, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Skewness of the logit, a function of the scaled parameter alone near the transition: the sizes collapse "
    "on one curve for the right T_c and ν."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The skewness for all sizes against (T - T_c) L^{1/ν}."""
    name = named("skewness", of)
    center, nu = scalar(arrays, named("critical", of)), scalar(arrays, named("nu", of))
    error = scalar(arrays, named("nu", of) + "_error")
    figure, (axes,) = new_figure()
    for i, (text, which) in enumerate(series(arrays[name])):
        L = float(arrays["size"][which["size"]])
        x = (select(arrays, parameter_of(arrays)[0], which) - center) * L ** (1 / nu)
        points(axes, x, select(arrays, name, which), select(arrays, f"{name}_error", which), i, text, line=False)
    plus = f" ± {error:.2g}" if np.isfinite(error) else ""
    axes.set(xlabel=r"$(T - T_c)\, L^{1/\nu}$", ylabel="skewness of the logit")
    numbers = rf"$T_c$ = {center:.4f}, $\nu$ = {nu:.3g}{plus}"
    axes.set_title(f"{readable(of)}: {numbers}" if of else numbers)
    legend(axes)
    return figure
