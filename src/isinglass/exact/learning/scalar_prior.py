# SPDX-License-Identifier: Apache-2.0
"""One unknown x of mean 0 and variance 1, seen through a field: the scalar problem of every mean-field inference.

Its posterior is P(x) exp(a x - s x²/2)/Z(a, s); where y = √s x + z was seen, z normal, a = √s y.
Ref: Guo, Shamai & Verdú 2005, arXiv:cs/0412108; Zdeborová & Krzakala 2016, arXiv:1511.02476.
"""

from abc import abstractmethod
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["AbstractScalarPrior", "NormalPrior", "SparseSigns", "normal_average"]

WIDEST = 9.0  # of z, in standard deviations
POINTS = 4001


def normal_average(values) -> float:
    """∫ Dz f(z) of the values at `normal_grid`, by the trapezoidal rule."""
    z = normal_grid()
    weight = np.exp(-(z**2) / 2)
    return float(np.sum(weight * np.asarray(values)) / weight.sum())


def normal_grid() -> Float[np.ndarray, " points"]:
    """Values of z."""
    return np.linspace(-WIDEST, WIDEST, POINTS)


class AbstractScalarPrior(eqx.Module):
    """P(x) with <x> = 0 and <x²> = 1."""

    @abstractmethod
    def log_partition(self, a: Float[Array, "..."], s) -> Float[Array, "..."]:
        """ln Z = ln <exp(a x - s x²/2)>.  Law: d ln Z/da is the mean, its derivative the variance."""

    @abstractmethod
    def mean(self, a: Float[Array, "..."], s) -> Float[Array, "..."]:
        """Of the posterior."""

    @abstractmethod
    def variance(self, a: Float[Array, "..."], s) -> Float[Array, "..."]:
        """Of the posterior."""

    @abstractmethod
    def samples(self, key, n: int) -> Float[Array, " n"]:
        """Values of x."""

    @abstractmethod
    def average(self, f: Callable, s: float) -> float:
        """<f(x, a)> of even f, a = s x + √s z, by quadrature."""

    def overlap(self, s: float) -> float:
        """Q(s) = <x mean(x)> = <mean(x)²> over x and y.  Law: 1 - Q is the mean square error; 0 at s = 0, 1 at ∞."""
        return self.average(lambda x, a: x * np.asarray(self.mean(a, s)), s)

    def information(self, s: float) -> float:
        """Of x in y, nat: I(s) = s/2 - <ln Z>.  Law: dI/ds = (1 - Q(s))/2."""
        return s / 2 - self.average(lambda x, a: np.asarray(self.log_partition(a, s)), s)


class SparseSigns(AbstractScalarPrior):
    """x = ±1/√ρ with probability ρ/2 each, otherwise 0; ρ = 1: signs."""

    rho: float = eqx.field(static=True, default=1.0)

    def __check_init__(self) -> None:
        if not 0 < self.rho <= 1:
            raise ValueError(f"rho above 0 and at most 1, got {self.rho}.")

    def present(self, a: Float[Array, "..."], s) -> Float[Array, "..."]:
        """P(x ≠ 0)."""
        if self.rho == 1:
            return jnp.ones_like(a)
        return jax.nn.sigmoid(np.log(self.rho / (1 - self.rho)) - s / (2 * self.rho) + ln_cosh(a / self.rho**0.5))

    def log_partition(self, a, s):
        weight = np.log(self.rho) - s / (2 * self.rho) + ln_cosh(a / self.rho**0.5)
        return weight if self.rho == 1 else jnp.logaddexp(weight, np.log1p(-self.rho))

    def mean(self, a, s):
        return self.present(a, s) * jnp.tanh(a / self.rho**0.5) / self.rho**0.5

    def variance(self, a, s):
        return self.present(a, s) / self.rho - self.mean(a, s) ** 2

    def samples(self, key, n):
        key_place, key_sign = jax.random.split(key)
        there = jax.random.uniform(key_place, (n,)) < self.rho
        return jnp.where(there, jax.random.rademacher(key_sign, (n,), float) / self.rho**0.5, 0.0)

    def average(self, f, s):
        z = normal_grid()
        return sum(p * normal_average(f(x, jnp.asarray(s * x + s**0.5 * z))) for x, p in self.atoms())

    def atoms(self) -> tuple[tuple[float, float], ...]:
        """(x, P(±x)), up to the sign of x."""
        rest = () if self.rho == 1 else ((0.0, 1 - self.rho),)
        return ((self.rho**-0.5, self.rho), *rest)


class NormalPrior(AbstractScalarPrior):
    """x ~ N(0, 1): Q(s) = s/(1 + s), I(s) = ½ ln(1 + s)."""

    def log_partition(self, a, s):
        return a**2 / (2 * (1 + s)) - jnp.log1p(s) / 2

    def mean(self, a, s):
        return a / (1 + s)

    def variance(self, a, s):
        return jnp.full_like(a, 1 / (1 + s))

    def samples(self, key, n):
        return jax.random.normal(key, (n,))

    def average(self, f, s):
        z = normal_grid()[::20]
        x, other = np.meshgrid(z, z, indexing="ij")
        weight = np.exp(-(x**2 + other**2) / 2)
        return float(np.sum(weight * f(x, jnp.asarray(s * x + s**0.5 * other))) / weight.sum())


def ln_cosh(u: Float[Array, "..."]) -> Float[Array, "..."]:
    """Without overflow."""
    return jnp.abs(u) + jnp.log1p(jnp.exp(-2 * jnp.abs(u))) - np.log(2)
