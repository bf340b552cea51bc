# SPDX-License-Identifier: Apache-2.0
"""Finite-size scaling, y_L(T) = f((T - T_c) L^(1/ν)) + a L^(-ω): crossings, extrapolation and data collapse.

Ref: Fisher & Barber 1972, doi:10.1103/PhysRevLett.28.1516.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import least_squares

from isinglass.errors import InputError
from isinglass.result import Estimate

__all__ = [
    "Collapse",
    "MeasuredCurve",
    "Scaled",
    "Scaling",
    "collapse",
    "crossing",
    "extrapolate",
    "fit_in_inverse_size",
    "scaling_fit",
]


class Scaled(NamedTuple):
    """Points of one observable at all sizes, y = (p/ν) ln L + f((T - T_c) L^(1/ν))."""

    L: Float[np.ndarray, " n"]
    T: Float[np.ndarray, " n"]
    y: Float[np.ndarray, " n"]
    error: Float[np.ndarray, " n"]
    power: float = 0.0  # p: 0 for a ratio without dimension, 1 for the logarithm of a derivative by T


class Collapse(NamedTuple):
    """The parameters at which the curves of all sizes fall onto one."""

    critical: float  # T_c
    nu: float  # correlation length exponent
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
    """T_c at 1/L = 0: value, statistical error (spread over resamples), and how far it moves under another fit.

    The other fits: without the smallest size, and with a term in 1/L² more.  The larger move stands for the terms
    beyond 1/L, whose form is not known: a fixed threshold adds logarithms.
    """
    error = np.maximum(resampled.std(axis=0), 1e-12)
    value = fit_in_inverse_size(L, T, error)[0]
    spread = np.std([fit_in_inverse_size(L, row, error)[0] for row in resampled])
    others = [value]
    if len(L) > 2:
        others += [fit_in_inverse_size(L[1:], T[1:], error[1:])[0], fit_in_inverse_size(L, T, error, degree=2)[0]]
    return float(value), float(spread), float(np.abs(np.array(others) - value).max())


def collapse(curves: Sequence[Scaled], *, start: tuple[float, float], degree: int, omega: float | None) -> Collapse:
    """Least squares of y - (p/ν) ln L = Σ_k c_k x^k + a L^-ω, x = (T - T_c) L^(1/ν), over T_c, ν, each c and a.

    `start` is a first (T_c, ν); without `omega` there is no correction term.  The linear parameters are solved for at
    each (T_c, ν), so that two are left to search (variable projection).  Law: exact for curves of this form.
    """
    largest = max(c.L.max() for c in curves)
    reach = max(np.abs((c.T - start[0]) * c.L ** (1 / start[1])).max() for c in curves)  # keeps the numbers near one

    def design(parameters, c: Scaled):
        x = (c.T - parameters[0]) * (c.L / largest) ** parameters[1] * largest ** (1 / start[1]) / reach
        columns = np.vander(x, degree + 1, increasing=True)
        if omega is not None:
            columns = np.column_stack([columns, c.L**-omega])
        return columns / c.error[:, None]

    def residual(parameters):
        rest = []
        for c in curves:
            Q, _ = np.linalg.qr(design(parameters, c))
            y = (c.y - c.power * parameters[1] * np.log(c.L)) / c.error
            rest.append(y - Q @ (Q.T @ y))
        return np.concatenate(rest)

    if len({L for c in curves for L in c.L}) < 2:
        raise InputError("two lattice sizes or more for a data collapse", "one", "add another size")
    if not all(np.isfinite(c.y / c.error).all() for c in curves):
        raise InputError("finite curves for a data collapse", "NaN at some temperatures", "sample more configurations")
    low, high = min(c.T.min() for c in curves), max(c.T.max() for c in curves)
    bounds = ([low, 0.2], [high, 5.0])
    first = np.clip([start[0], 1 / start[1]], np.add(bounds[0], 1e-6), np.subtract(bounds[1], 1e-6))
    fit = least_squares(residual, first, bounds=bounds, x_scale=[0.01, 0.1], diff_step=1e-5)
    free = sum(len(c.y) - degree - 1 - (omega is not None) for c in curves) - 2
    return Collapse(float(fit.x[0]), float(1 / fit.x[1]), float(2 * fit.cost), free)


class MeasuredCurve(NamedTuple):
    """One observable against T at one size, and the whole curve again for each bootstrap sample."""

    T: Float[np.ndarray, " T"]
    y: Float[np.ndarray, " T"]
    draws: Float[np.ndarray, "draw T"]
    power: float = 0.0  # as in `Scaled`


class Scaling(NamedTuple):
    """T_c and ν with errors, and the collapse that gave them."""

    critical: Estimate
    nu: Estimate
    collapse: Collapse


def scaling_fit(
    observables: Sequence[Mapping[int, MeasuredCurve]], center: float, *, reach: float, degree: int, omega: float | None
) -> Scaling:
    """Collapse the curves of all sizes where |T - T_c| L <= reach, searching from T_c ≈ center.

    Errors: the spread over the bootstrap samples, and the shift by leaving out the smallest of four or more sizes,
    which stands for the corrections that are left out.
    """
    sizes = sorted(observables[0])
    knobs = {"reach": reach, "degree": degree, "omega": omega if len(sizes) > 2 else None}
    first, _ = collapse_with_errors(observables, center, resample=False, **knobs)  # only for the center of the window
    fit, spread = collapse_with_errors(observables, first.critical, resample=True, **knobs)
    move = np.zeros(2)
    if len(sizes) > 3:
        larger = [{L: curves[L] for L in sizes[1:]} for curves in observables]
        other, _ = collapse_with_errors(larger, fit.critical, resample=False, **knobs)
        move = np.abs([other.critical - fit.critical, other.nu - fit.nu])
    error = np.hypot(spread, move)
    return Scaling(Estimate(fit.critical, float(error[0])), Estimate(fit.nu, float(error[1])), fit)


def collapse_with_errors(
    observables: Sequence[Mapping[int, MeasuredCurve]], center: float, *, reach: float, resample: bool, **knobs
) -> tuple[Collapse, Float[np.ndarray, " 2"]]:
    """The collapse inside the window, and the bootstrap spread of (T_c, ν), zeros unless `resample`."""

    def inside(curves: Mapping[int, MeasuredCurve]) -> tuple[Scaled, Float[np.ndarray, "draw n"]]:
        used = {L: np.abs(m.T - center) * L <= reach for L, m in curves.items()}
        draws = np.concatenate([m.draws[:, used[L]] for L, m in curves.items()], axis=1)
        L = np.concatenate([np.full(used[L].sum(), float(L)) for L in curves])
        T, y = (np.concatenate([getattr(m, name)[used[L]] for L, m in curves.items()]) for name in ("T", "y"))
        error = np.maximum(draws.std(axis=0), 1e-6)
        return Scaled(L, T, y, error, next(iter(curves.values())).power), draws

    windows = [inside(curves) for curves in observables]
    fit = collapse([scaled for scaled, _ in windows], start=(center, 1.0), **knobs)
    if not resample:
        return fit, np.zeros(2)
    found = []
    for draw in range(len(windows[0][1])):
        again = [scaled._replace(y=draws[draw]) for scaled, draws in windows]
        other = collapse(again, start=(fit.critical, fit.nu), **knobs)
        found.append((other.critical, other.nu))
    stretch = max(1.0, (fit.chi2 / max(fit.freedom, 1)) ** 0.5)  # a poor fit widens the errors
    return fit, stretch * 0.5 * (np.quantile(found, 0.8413, axis=0) - np.quantile(found, 0.1587, axis=0))
