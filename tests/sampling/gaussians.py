# SPDX-License-Identifier: Apache-2.0
"""Densities and systems whose answers are known in closed form."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.nets.density import AbstractDensity
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem


class Harmonic(AbstractSystem):
    """E = ½ k Σ (x - a)², ln Z = (d/2) ln(2π / (beta k))."""

    beta: Float[Array, ""]
    k: Float[Array, ""]
    a: Float[Array, ""]
    d: int = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()

    def __init__(self, k, a=0.0, d=1, beta=1.0):
        self.beta, self.k, self.a = (jnp.asarray(v, float) for v in (beta, k, a))
        self.d = d

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.d,)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return 0.5 * self.k.astype(x.dtype) * jnp.sum((x - self.a.astype(x.dtype)) ** 2)

    def random_configuration(self, key) -> Shaped[Array, "*site"]:
        return jax.random.normal(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return jnp.mean(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        return 0.5 * np.asarray(temperature)

    @property
    def log_z(self) -> float:
        return float(0.5 * self.d * jnp.log(2 * jnp.pi / (self.beta * self.k)))


class Normal(AbstractDensity):
    """q(x) = Π N(x_i; mean, scale), float32 as a network's."""

    shape: tuple[int, ...] = eqx.field(static=True)
    mean: float = 0.0
    scale: float = 1.0

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        z = (x - self.mean) / self.scale
        return -0.5 * jnp.sum(z * z) - x.size * (0.5 * float(np.log(2 * np.pi)) + float(np.log(self.scale)))

    def draw_with_log_prob(self, key) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        x = self.mean + self.scale * jax.random.normal(key, self.shape, jnp.float32)
        return x, self.log_prob(x)


class Coins(AbstractDensity):
    """Independent spins ±1, up with probability p_i."""

    shape: tuple[int, ...] = eqx.field(static=True)
    p: Float[Array, "*site"]

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        return jnp.sum(jnp.log(jnp.where(x > 0, self.p, 1 - self.p)))

    def draw_with_log_prob(self, key) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        up = jax.random.bernoulli(key, self.p)
        x = 2 * up.astype(jnp.int8) - jnp.int8(1)
        return x, self.log_prob(x)


class TwoNormals(AbstractDensity):
    """q(x) = ½ Σ_± N(x_1; c_±, scale²) Π_(i>1) N(x_i; 0, 1.2²)."""

    shape: tuple[int, ...] = eqx.field(static=True)
    centers: tuple[float, float] = (-1.0, 1.0)
    scale: float = 1.0

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        z = (x[0] - jnp.asarray(self.centers, x.dtype)) / self.scale
        log_norm = x.size * 0.5 * float(np.log(2 * np.pi)) + float(np.log(2 * self.scale * 1.2 ** (x.size - 1)))
        return jax.nn.logsumexp(-0.5 * z * z) - 0.5 * jnp.sum((x[1:] / 1.2) ** 2) - log_norm

    def draw_with_log_prob(self, key) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        key_mode, key_normal = jax.random.split(key)
        z = jax.random.normal(key_normal, self.shape, jnp.float32)
        center = jnp.where(jax.random.bernoulli(key_mode), *(jnp.float32(c) for c in self.centers))
        x = jnp.concatenate([center[None] + self.scale * z[:1], 1.2 * z[1:]])
        return x, self.log_prob(x)
