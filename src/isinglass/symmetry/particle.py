# SPDX-License-Identifier: Apache-2.0
"""Symmetries of particles, x (n, d): motions of all as one body, and exchanges of equal ones."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["FREE_PARTICLES", "Displacement", "ParticlePermutation", "Rotation"]


@dataclass(frozen=True)
class Displacement(AbstractSymmetry):
    """x_i -> x_i + a, the same a for all particles."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """a ~ N(0, 1) along each axis."""
        return x + jax.random.normal(key, (1, x.shape[1]), x.dtype)


@dataclass(frozen=True)
class Rotation(AbstractSymmetry):
    """x_i -> R x_i, det R = 1, about the origin."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R uniform: the orthogonal part of a normal matrix, one column reversed where its determinant is -1."""
        d = x.shape[1]
        q, r = jnp.linalg.qr(jax.random.normal(key, (d, d), x.dtype))
        q = q * jnp.sign(jnp.diagonal(r))[None]
        return x @ q.at[:, 0].multiply(jnp.sign(jnp.linalg.det(q))).T


@dataclass(frozen=True)
class ParticlePermutation(AbstractSymmetry):
    """x_i -> x_π(i) among the particles from number `first` on."""

    first: int = 0

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        return x.at[self.first :].set(jax.random.permutation(key, x[self.first :]))


FREE_PARTICLES = (Displacement, ParticlePermutation, Rotation)  # of equal particles without a place of their own
