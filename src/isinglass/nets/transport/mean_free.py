# SPDX-License-Identifier: Apache-2.0
"""The base density of particles: normal variables whose center of mass is at the origin, Σ_i x_i = 0."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity

__all__ = ["MeanFreeNormal", "mean_free"]


def mean_free(x: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """x - x̄: the center of mass moved to the origin."""
    center = x.mean(axis=0, keepdims=True)
    return x - jnp.broadcast_to(center, x.shape)


class MeanFreeNormal(AbstractDensity):
    """q(x) = exp(-Σ_i x_i²/2σ²) / (2πσ²)^((n-1)d/2) on the (n-1)d-dimensional subspace Σ_i x_i = 0, float32.

    The density is with respect to the Lebesgue measure of that subspace.
    Law: unchanged by permutations, rotations and reflections.  Ref: Köhler, Klein and Noé 2020, arXiv:2006.02425.
    """

    shape: tuple[int, ...] = eqx.field(static=True)
    scale: float = eqx.field(static=True, default=1.0)

    def __check_init__(self):
        if len(self.shape) != 2 or self.shape[0] < 2:
            raise ValueError(f"expected a shape (n, d) of n >= 2 particles; found {self.shape}; try (13, 3).")

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """-½ Σ (x/σ)² - ½ (n-1) d ln 2πσ²; what x has along the center of mass is left out."""
        z = mean_free(x) / self.scale
        degrees = (self.shape[0] - 1) * self.shape[1]
        return -0.5 * jnp.sum(z * z) - 0.5 * degrees * math.log(2 * math.pi * self.scale**2)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """Normal variables less their mean."""
        x = mean_free(self.scale * jax.random.normal(key, self.shape, jnp.float32))
        return x, self.log_prob(x)
