# SPDX-License-Identifier: Apache-2.0
"""From finite networks to infinite ones: overlaps in 1/N, and the capacity in two ways."""

import numpy as np
from scipy.optimize import curve_fit
from scipy.special import ndtri

from isinglass.exact.learning.hopfield import capacity, retrieval_state
from isinglass.result import Estimate

__all__ = ["capacity_by_crossing", "capacity_by_overlaps", "to_infinity"]

UNIT = 1000.0  # neurons, of the scale of N
UNSURE = (0.01, 0.995)  # shares that tell a slope
FEWEST = 5


def to_infinity(of: dict[int, Estimate]) -> Estimate:
    """m of m + a/N, by weighted least squares; its error has what it moves by without the smallest size.

    Near the capacity corrections are in 1/N only for N far above 1/(α_c - α)², a few thousand at load 0.13.
    """
    all_sizes, larger = line(of), dict(sorted(of.items())[1:])
    if len(larger) < 2:  # noqa: PLR2004
        return all_sizes
    return Estimate(all_sizes.value, float(np.hypot(all_sizes.error or 0.0, all_sizes.value - line(larger).value)))


def line(of: dict[int, Estimate]) -> Estimate:
    """Weighted least squares; one size alone as it is."""
    N = np.array(list(of), float)
    y, error = (np.array([getattr(e, name) for e in of.values()], float) for name in ("value", "error"))
    A = np.stack([np.ones_like(N), 1 / N], axis=1)[:, : min(2, len(N))] / error[:, None]
    covariance = np.linalg.inv(A.T @ A)
    return Estimate(float((covariance @ A.T @ (y / error))[0]), float(covariance[0, 0] ** 0.5))


def capacity_by_overlaps(m: dict[float, Estimate]) -> Estimate:
    """α_c of m(α) = m_theory(α α_theory/α_c), which has its square-root singularity at α_c; NaN without overlaps."""
    top = capacity()
    assert top is not None  # noqa: S101
    if not m or not all(np.isfinite([e.value, e.error or np.nan]).all() for e in m.values()):
        return Estimate(float("nan"))
    load = np.array(list(m))
    y, error = (np.array([getattr(e, name) for e in m.values()], float) for name in ("value", "error"))

    def curve(load: np.ndarray, alpha_c: float) -> np.ndarray:
        states = [retrieval_state(a * top.alpha / alpha_c) for a in load]
        return np.array([top.m if state is None else state.m for state in states])

    return fitted(curve, load, y, error, (top.alpha,), (load.max(), 0.2))[0]


def capacity_by_crossing(share: dict[tuple[int, float], Estimate]) -> tuple[Estimate, Estimate]:
    """α_c and ω of Φ⁻¹(share) = z - b (α - α_c) N^ω: at α_c the share of runs that stay is that of every size.

    NaN where too few shares are between 0 and 1.
    """
    at = [key for key, e in share.items() if UNSURE[0] < e.value < UNSURE[1] and e.error]
    if len(at) < FEWEST or len({N for N, _ in at}) < 2:  # noqa: PLR2004
        return Estimate(float("nan")), Estimate(float("nan"))
    x = np.array([(N / UNIT, round(a * N) / N) for N, a in at]).T
    p = np.array([share[key].value for key in at])
    z = ndtri(p)
    error = np.array([share[key].error for key in at]) * np.sqrt(2 * np.pi) * np.exp(z**2 / 2)
    curve = lambda x, alpha_c, omega, at, b: at - b * (x[1] - alpha_c) * x[0] ** omega  # noqa: E731
    found = fitted(curve, x, z, error, (0.14, 0.5, 1.3, 60.0), ((0.1, 0.05, -3.0, 1.0), (0.2, 2.0, 4.0, 1000.0)))
    return found[0], found[1]


def fitted(curve, x, y, error, first, bounds) -> list[Estimate]:
    """Least squares; errors by the covariance, stretched where χ² is larger than its degrees of freedom."""
    best, covariance = curve_fit(curve, x, y, first, sigma=error, absolute_sigma=True, bounds=bounds)
    free = max(len(y) - len(best), 1)
    stretch = max(1.0, float(np.sum(((y - curve(x, *best)) / error) ** 2)) / free) ** 0.5
    return [Estimate(float(value), float(s) * stretch) for value, s in zip(best, np.diag(covariance) ** 0.5)]  # noqa: B905
