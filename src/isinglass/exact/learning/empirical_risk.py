# SPDX-License-Identifier: Apache-2.0
"""A student that minimizes Σ_μ loss(y_μ, z_μ) + (λ/2) |w|², z = X w/√N, of a teacher |x|² = N, n = αN, N -> ∞.

Order parameters m = w·x/N, q = |w|²/N and V.  With ω = √q ξ, f = (argmin_z [loss(y, z) + (z - ω)²/2V] - ω)/V, and the
teacher's z given ω normal of mean ω_0 = η ξ, η = m/√q, and variance 1 - η²:

    m̂ = α <f ∂ ln P(y)/∂ω_0>,  q̂ = α <f²>,  V̂ = -α <∂_ω f>;   V = 1/(λ + V̂), m = m̂ V, q = (m̂² + q̂) V²

Law: signs are wrong with probability arccos(m/√q)/π; of a linear teacher the excess risk is 1 - 2m + q.
Ref: Aubin, Krzakala, Lu & Zdeborová 2020, arXiv:2006.06560.
"""

from collections.abc import Callable
from math import acos, pi, sqrt
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import expit, ndtr

from isinglass.exact.learning.scalar_prior import normal_average, normal_grid

__all__ = ["LOSSES", "Student", "hebb_error", "student"]

Values = Float[np.ndarray, " points"]
Proximal = Callable[[Values, float], Values]
STEPS = 5000
STILL = 1e-10
DAMPING = 0.3


class Student(NamedTuple):
    """A solution of the equations."""

    m: float  # overlap with the teacher
    q: float  # |w|²/N
    V: float

    @property
    def wrong_signs(self) -> float:
        """arccos(m/√q)/π."""
        return acos(min(self.m / sqrt(self.q), 1.0)) / pi


def square(omega: Values, V: float) -> Values:
    """(y - z)²/2: f at y = 1, as of the others."""
    return (1 - omega) / (1 + V)


def hinge(omega: Values, V: float) -> Values:
    """max(0, 1 - y z): (1 - ω)/V between 0 and 1."""
    return np.clip((1 - omega) / V, 0, 1)


def logistic(omega: Values, V: float) -> Values:
    """ln (1 + exp(-y z)): z - ω = V/(1 + exp z), by bisection."""
    low, high = np.zeros_like(omega), np.full_like(omega, V)
    for _ in range(60):
        middle = (low + high) / 2
        above = middle > V * expit(-(omega + middle))
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return (low + high) / (2 * V)


LOSSES: dict[str, Proximal] = {"square": square, "hinge": hinge, "logistic": logistic}


def student(
    loss: str, alpha: float, penalty: float, *, teacher: Literal["sign", "linear"] = "sign", noise: float = 0.0
) -> Student:
    """The solution, by damped iteration.  `noise`: variance of a linear teacher's, for the square loss alone."""
    if teacher == "linear" and loss != "square":
        raise ValueError("a linear teacher for the square loss alone")
    m, q, V = 0.1, 1.0, 1.0
    for _ in range(STEPS):
        hats = linear(alpha, m, q, V, noise) if teacher == "linear" else signs(LOSSES[loss], alpha, m, q, V)
        V_new = 1 / (penalty + hats[2])
        new = (hats[0] * V_new, (hats[0] ** 2 + hats[1]) * V_new**2, V_new)
        change = max(abs(a / b - 1) for a, b in zip(new, (m, q, V), strict=True))
        m, q, V = (DAMPING * b + (1 - DAMPING) * a for a, b in zip(new, (m, q, V), strict=True))
        if change < STILL:
            return Student(m, q, V)
    return Student(np.nan, np.nan, np.nan)


def signs(prox: Proximal, alpha: float, m: float, q: float, V: float) -> tuple[float, float, float]:
    """m̂, q̂, V̂ of y = sign z; both y are alike by symmetry, y = 1 counts twice.  <∂_ω f> by parts: f may have kinks."""
    xi, eta = normal_grid(), m / sqrt(q)
    rest = sqrt(1 - eta**2)
    f = prox(sqrt(q) * xi, V)
    likely, rate = ndtr(eta * xi / rest), np.exp(-((eta * xi / rest) ** 2) / 2) / (sqrt(2 * pi) * rest)
    return (2 * alpha * normal_average(rate * f), 2 * alpha * normal_average(likely * f**2),
            -2 * alpha * normal_average((xi * likely - eta * rate) * f) / sqrt(q))  # fmt: skip


def linear(alpha: float, m: float, q: float, V: float, noise: float) -> tuple[float, float, float]:
    """The same of y = z + noise for the square loss: <(y - ω)²> = 1 + σ² - 2m + q."""
    return alpha / (1 + V), alpha * (1 + noise - 2 * m + q) / (1 + V) ** 2, alpha / (1 + V)


def hebb_error(alpha: float) -> float:
    """Of w = Σ_μ y_μ x_μ for signs of a teacher: arctan √(π/2α)/π.  Ref: Vallet 1989, doi:10.1209/0295-5075/8/8/007."""
    return float(np.arctan(sqrt(pi / (2 * alpha))) / pi)
