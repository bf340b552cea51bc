# SPDX-License-Identifier: Apache-2.0
"""Symmetries that change all variables alike and keep the place of each."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals

__all__ = ["GlobalRotation", "Reflection", "ValuePermutation"]


@dataclass(frozen=True)
class Reflection(AbstractSymmetry):
    """x -> -x: the spin flip, the sign of a field, inversion of particles in the origin."""

    variable: AbstractVariable = Reals()

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """-x; there is no other element."""
        return self.variable.wrap(-x)


@dataclass(frozen=True)
class ValuePermutation(AbstractSymmetry):
    """x_i -> π(x_i), any permutation of the values 0 .. q-1, that of a Potts model."""

    q: int

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """π uniform among the q! permutations."""
        return jax.random.permutation(key, jnp.arange(self.q, dtype=x.dtype))[x]


@dataclass(frozen=True)
class GlobalRotation(AbstractSymmetry):
    """θ_i -> θ_i + α, one α for all angles."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """α uniform in [0, 2π)."""
        return (x + jax.random.uniform(key, (), x.dtype, 0.0, 2 * jnp.pi)) % (2 * jnp.pi)
