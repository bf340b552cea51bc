# SPDX-License-Identifier: Apache-2.0
"""A teacher x of known prior seen through y = P(·| z), z = X x/√N, by n = αN rows of normal inputs, N -> ∞: Bayes.

q = overlap of the posterior mean with the teacher, 1 - q its mean square error.  Fixed points of

    q = Q(s),  s = α ψ(q),  ψ(q) = <g²>,  g = ∂_ω ln P(y | ω, V),  ω = √q ξ, V = 1 - q

are the stationary points of i(q) = I(s) + α H(q) - s (1 - q)/2, the information of x in the data for each unknown.  Q
and I are those of the scalar problem, H(q) the entropy of y given ω less that given z.  Message passing stops at the
first one from q = 0, Bayes has the smallest i.
Ref: Barbier et al. 2019, arXiv:1708.03395; Györgyi 1990, doi:10.1103/PhysRevA.41.7097.
"""

from abc import abstractmethod
from math import acos, log, log1p, pi, sqrt
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.optimize import brentq
from scipy.special import ndtr, xlogy

from isinglass.exact.learning.scalar_prior import AbstractScalarPrior, normal_average, normal_grid

__all__ = [
    "AbstractOutput",
    "LinearOutput",
    "MagnitudeOutput",
    "SignOutput",
    "Teacher",
    "information",
    "learning_curve",
    "overlaps",
    "wrong_signs",
]

LEAST, MOST = log(1e-3), log(4000.0)  # of ln s
POINTS = 200
COARSE = 40  # of the grid of normal numbers, where a second one is summed over
SQUARE = sqrt(2 * pi)


class AbstractOutput(eqx.Module):
    """What is seen of z = ω + √V normal."""

    @abstractmethod
    def score(self, y: Float[Array, "..."], omega: Float[Array, "..."], V) -> Float[Array, "..."]:
        """g = ∂_ω ln P(y | ω, V)."""

    @abstractmethod
    def slope(self, y: Float[Array, "..."], omega: Float[Array, "..."], V) -> Float[Array, "..."]:
        """∂_ω g.  Law: <∂_ω g> = -<g²> over y."""

    @abstractmethod
    def seen(self, key, z: Float[Array, "..."]) -> Float[Array, "..."]:
        """Values of y."""

    @abstractmethod
    def gain(self, q: float) -> float:
        """ψ(q) = <g²>."""

    @abstractmethod
    def entropy(self, q: float) -> float:
        """H(q), nat.  Law: dH/dq = -ψ(q)/2."""


class SignOutput(AbstractOutput):
    """y = sign z."""

    def score(self, y, omega, V):
        u = y * omega / jnp.sqrt(V)
        return y * jnp.exp(-(u**2) / 2 - jax.scipy.special.log_ndtr(u)) / (SQUARE * jnp.sqrt(V))

    def slope(self, y, omega, V):
        g = self.score(y, omega, V)
        return -g * (g + omega / V)

    def seen(self, key, z):
        return jnp.where(z < 0, -1.0, 1.0)

    def gain(self, q):
        u = normal_grid() * sqrt(q / (1 - q))
        return 2 / (1 - q) * normal_average(np.exp(-(u**2)) / (2 * pi) / np.maximum(ndtr(u), 1e-300))

    def entropy(self, q):
        if q >= 1:
            return 0.0
        p = ndtr(normal_grid() * sqrt(q / (1 - q)))
        return -2 * normal_average(xlogy(p, p))


class LinearOutput(AbstractOutput):
    """y = z + noise of variance σ²."""

    noise: float = eqx.field(static=True, default=0.1)

    def score(self, y, omega, V):
        return (y - omega) / (self.noise + V)

    def slope(self, y, omega, V):
        return jnp.full_like(omega, -1 / (self.noise + V))

    def seen(self, key, z):
        return z + self.noise**0.5 * jax.random.normal(key, z.shape)

    def gain(self, q):
        return 1 / (self.noise + 1 - q)

    def entropy(self, q):
        return log1p((1 - q) / self.noise) / 2


class MagnitudeOutput(AbstractOutput):
    """y = |z|, phase retrieval of real numbers.

    z is y or -y, with mean y tanh u, u = y ω/V.  Message passing learns from α = 1/2 on, and finds the teacher from
    α = 1.13; Bayes does from α = 1.  Ref: Barbier et al. 2019, arXiv:1708.03395; Mondelli & Montanari 2018,
    arXiv:1708.05932.
    """

    def score(self, y, omega, V):
        return (y * jnp.tanh(y * omega / V) - omega) / V

    def slope(self, y, omega, V):
        return (y**2 / jnp.cosh(jnp.minimum(y * jnp.abs(omega) / V, 300.0)) ** 2 / V - 1) / V

    def seen(self, key, z):
        return jnp.abs(z)

    def gain(self, q):
        V = 1 - q
        u, z2 = self.signs(q)
        return (1 - self.average(q, z2 / np.cosh(np.minimum(np.abs(u), 300.0)) ** 2)) / V

    def entropy(self, q):
        if q >= 1:
            return -np.inf
        u = np.abs(self.signs(q)[0])
        of_sign = np.log1p(np.exp(-2 * u)) + 2 * u / (1 + np.exp(2 * np.minimum(u, 300.0)))
        return log(2 * pi * (1 - q)) / 2 + 0.5 - self.average(q, of_sign)

    def signs(self, q: float) -> tuple[Float[np.ndarray, "points few"], Float[np.ndarray, "points few"]]:
        """u = z ω/V and z²/V, of ω = √V a and z = √V (a + n)."""
        a = self.fields(q)[:, None]
        z = a + normal_grid()[None, ::COARSE]
        return z * a, z**2

    def fields(self, q: float) -> Float[np.ndarray, " points"]:
        """Values of a = ω/√V; beyond 40 the sign of z is known."""
        return np.linspace(-1.0, 1.0, 801) * min(9 * sqrt(max(q, 1e-12) / (1 - q)), 40.0)

    def average(self, q: float, f: Float[np.ndarray, "points few"]) -> float:
        """< f > over ω and n."""
        a, n = self.fields(q), normal_grid()[::COARSE]
        of_n = np.exp(-(n**2) / 2)
        scale = max(q, 1e-12) / (1 - q)
        density = np.exp(-(a**2) / (2 * scale)) / sqrt(2 * pi * scale) * (a[1] - a[0])
        return float(density @ (f @ of_n) / of_n.sum())


class Teacher(NamedTuple):
    """Prior of the unknowns and what is seen."""

    prior: AbstractScalarPrior
    output: AbstractOutput


def learning_curve(teacher: Teacher, s: Float[np.ndarray, " n"]) -> Float[np.ndarray, "2 n"]:
    """All fixed points (α, q), by s: q = Q(s), α = s/ψ(q); several q of one α: a first-order transition."""
    q = np.array([teacher.prior.overlap(float(each)) for each in s])
    psi = np.array([teacher.output.gain(float(each)) if each < 1 else np.inf for each in q])
    return np.stack([s / psi, q])


def overlaps(teacher: Teacher, alpha: float) -> tuple[float, float]:
    """(q of message passing, q of Bayes); 1 where the teacher is found without error."""
    grid = np.linspace(LEAST, MOST, POINTS)
    load, q = learning_curve(teacher, np.exp(grid))
    excess = lambda u: learning_curve(teacher, np.exp(np.array([u])))[0, 0] - alpha  # noqa: E731
    known = 1 - q > 1e-12  # noqa: PLR2004
    nothing = [(0.0, 0.0)] if alpha < load[0] else []  # which is stable then
    up = np.flatnonzero((load[:-1] < alpha) & (load[1:] >= alpha) & known[1:])  # stable ones
    roots = [float(brentq(excess, grid[i], grid[i + 1], xtol=1e-12)) for i in up]  # pyright: ignore
    found = nothing + [(float(learning_curve(teacher, np.exp(np.array([u])))[1, 0]), float(np.exp(u))) for u in roots]
    if not load[-1] > alpha or q[-1] > 1 - 1e-12 or not found:
        found.append((1.0, np.inf))
    best = min(found, key=lambda at: information(teacher, alpha, *at))
    return found[0][0], best[0]


def information(teacher: Teacher, alpha: float, q: float, s: float) -> float:
    """i(q) at a fixed point, nat; that of q = 1 is the entropy of x where y has no noise, -∞ where x is continuous."""
    if q >= 1:
        return teacher.prior.information(float(np.exp(MOST))) + alpha * teacher.output.entropy(1.0)
    return teacher.prior.information(s) + alpha * teacher.output.entropy(q) - s * (1 - q) / 2


def wrong_signs(q: float) -> float:
    """Error of the best prediction of sign z: arccos(√q)/π."""
    return acos(min(sqrt(q), 1.0)) / pi
