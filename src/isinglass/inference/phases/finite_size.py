# SPDX-License-Identifier: Apache-2.0
"""Finite-size scaling, y_L(T) = f((T - T_c) L^(1/ν)) + a L^(-ω): crossings, extrapolation and data collapse.

Ref: Fisher & Barber 1972, doi:10.1103/PhysRevLett.28.1516.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import least_squares

__all__ = ["Collapse", "collapse", "crossing", "extrapolate", "fit_in_inverse_size"]


class Collapse(NamedTuple):
    """The parameters at which the curves of all sizes fall onto one."""

    critical: float  # T_c
    nu: float  # correlation length exponent
    coefficients: Float[np.ndarray, " c"]  # polynomial in (T - T_c) L^(1/ν) / width, then the correction a
    chi2: float
    freedom: int


def crossing(T: Float[np.ndarray, " T"], y: Float[np.ndarray, " T"], level: float = 0.5) -> float:
    """T where y falls (or rises) through `level`, by straight lines between points; NaN where it never does.

    Of several crossings the middle one.  Law: y(T) = level for straight y.
    """
    above = y > level
    at = np.flatnonzero(above[:-1] != above[1:])
    if len(at) == 0:
        return float("nan")
    i = at[len(at) // 2]
    return float(T[i] + (level - y[i]) * (T[i + 1] - T[i]) / (y[i + 1] - y[i]))


def fit_in_inverse_size(
    L: Float[np.ndarray, " sizes"], T: Float[np.ndarray, " sizes"], error: Float[np.ndarray, " sizes"], degree: int = 1
) -> Float[np.ndarray, " p"]:
    """Coefficients of T_c(L) = T_c + a/L + ..., weighted by 1/error²."""
    A = np.vander(1.0 / L, degree + 1, increasing=True) / error[:, None]
    return np.linalg.lstsq(A, T / error, rcond=None)[0]


def extrapolate(
    L: Float[np.ndarray, " sizes"],
    T: Float[np.ndarray, " sizes"],
    resampled: Float[np.ndarray, "resamples sizes"],
) -> tuple[float, float, float]:
    """T_c at 1/L = 0: value, statistical error (spread over resamples), and how far it moves without the smallest size.

    That move stands for the terms beyond 1/L, whose form is not known.
    """
    error = np.maximum(resampled.std(axis=0), 1e-12)
    value = fit_in_inverse_size(L, T, error)[0]
    spread = np.std([fit_in_inverse_size(L, row, error)[0] for row in resampled])
    larger = slice(1, None) if len(L) > 2 else slice(None)
    move = abs(fit_in_inverse_size(L[larger], T[larger], error[larger])[0] - value)
    return float(value), float(spread), float(move)


def collapse(
    L: Float[np.ndarray, " n"],
    T: Float[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    error: Float[np.ndarray, " n"],
    *,
    start: tuple[float, float],
    degree: int = 4,
    omega: float | None = None,
) -> Collapse:
    """Least squares of y = Σ_k c_k x^k + a L^-ω, x = (T - T_c) L^(1/ν), over T_c, ν, c and (with `omega`) a.

    The linear parameters are solved for at each (T_c, ν), so that two are left to search (variable projection).
    `start` is a first (T_c, ν).  Law: exact for curves of this form.
    """
    reach = np.abs((T - start[0]) * L ** (1 / start[1])).max()  # of x: keeps the polynomial's numbers near one

    def design(parameters):
        x = (T - parameters[0]) * (L / L.max()) ** parameters[1] * L.max() ** (1 / start[1]) / reach
        columns = np.vander(x, degree + 1, increasing=True)
        if omega is not None:
            columns = np.column_stack([columns, L**-omega])
        return columns / error[:, None]

    def residual(parameters):
        Q, _ = np.linalg.qr(design(parameters))
        return y / error - Q @ (Q.T @ (y / error))

    bounds = ([T.min(), 0.2], [T.max(), 5.0])
    first = np.clip([start[0], 1 / start[1]], np.add(bounds[0], 1e-6), np.subtract(bounds[1], 1e-6))
    fit = least_squares(residual, first, bounds=bounds, x_scale=[0.01, 0.1], diff_step=1e-5)
    coefficients = np.linalg.lstsq(design(fit.x), y / error, rcond=None)[0]
    return Collapse(
        float(fit.x[0]), float(1 / fit.x[1]), coefficients, float(2 * fit.cost), len(y) - len(coefficients) - 2
    )
