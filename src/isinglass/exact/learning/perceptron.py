# SPDX-License-Identifier: Apache-2.0
"""How many random labels a perceptron can store, n = αN normal points, N -> ∞, by replica symmetry.

Ref: Gardner 1988, doi:10.1088/0305-4470/21/1/030; Krauth & Mézard 1989, doi:10.1051/jphys:0198900500200305700.
"""

from math import exp, log, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr

from isinglass.exact.learning.scalar_prior import normal_average, normal_grid

__all__ = ["binary_capacity", "binary_entropy", "largest_margin", "spherical_capacity"]

STEPS = 20_000
STILL = 1e-12


def spherical_capacity(margin: float = 0.0) -> float:
    """α_c(κ) = 1/∫_{-κ}^∞ Dt (t + κ)² for |w|² = N and all y z >= κ.  Law: 2 at κ = 0, exact for κ >= 0."""
    density = exp(-(margin**2) / 2) / sqrt(2 * pi)
    return 1 / ((1 + margin**2) * float(ndtr(margin)) + margin * density)


def largest_margin(alpha: float) -> float:
    """The κ of α_c(κ) = α: the margin of the best plane; below 0, α > 2, no theory of this kind holds."""
    if not 0 < alpha <= 2:  # noqa: PLR2004
        raise ValueError(f"a load above 0 and at most 2, got {alpha}.")
    top = 2 + 2 / sqrt(alpha)
    return float(brentq(lambda k: spherical_capacity(k) - alpha, 0.0, top, xtol=1e-13))  # pyright: ignore


def binary_entropy(alpha: float, margin: float = 0.0) -> float:
    """ln(number of w = ±1 with all y z >= κ)/N, at the extremum over q and q̂ of

        -q̂ (1 - q)/2 + <ln 2 cosh √q̂ z> + α <ln H((κ - √q z)/√(1 - q))>

    Law: ln 2 at α = 0; below 0 there is none.
    """  # fmt: skip
    z, q, q_hat = normal_grid(), 0.5, 0.0
    for _ in range(STEPS):
        u = (np.sqrt(q) * z - margin) / sqrt(1 - q)
        slope = np.exp(-(u**2) / 2 - log_ndtr(u)) / sqrt(2 * pi)
        q_hat = alpha / (1 - q) * normal_average(slope**2)
        before, q = q, normal_average(np.tanh(sqrt(q_hat) * z) ** 2)
        if abs(q - before) < STILL:
            break
    u = (np.sqrt(q) * z - margin) / sqrt(1 - q)
    field = np.abs(sqrt(q_hat) * z)
    spins = normal_average(field + np.log1p(np.exp(-2 * field)))
    return -q_hat * (1 - q) / 2 + spins + alpha * normal_average(log_ndtr(u))


def binary_capacity(margin: float = 0.0) -> float:
    """Where the entropy is 0: 0.8331 at κ = 0; proved as an upper and lower bound.

    Ref: Ding & Sun 2019, arXiv:1809.07742; Huang 2024, arXiv:2404.18902.
    """
    top = min(1.2, log(2) / max(-float(log_ndtr(-margin)), 1e-9))
    return float(brentq(lambda a: binary_entropy(a, margin), 1e-3, top, xtol=1e-8))  # pyright: ignore
