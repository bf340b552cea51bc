# SPDX-License-Identifier: Apache-2.0
"""Symmetries of periodic lattices: they move the variables and leave their values."""

from dataclasses import dataclass
from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["PointGroup", "Translation", "unit_steps"]

MANY = 5040  # steps at most, a multiple of many sides


@dataclass(frozen=True)
class Translation(AbstractSymmetry):
    """x(r) -> x(r - a) around the lattice, a any whole-number sum of `steps`; further axes, as of links, stay."""

    steps: tuple[tuple[int, ...], ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """As many of each step as chance will have."""
        n = jax.random.randint(key, (len(self.steps),), 0, MANY, dtype=jnp.int32)
        a = n @ jnp.asarray(self.steps, jnp.int32)
        return jnp.roll(x, a, range(len(self.steps[0])))


@dataclass(frozen=True)
class PointGroup(AbstractSymmetry):
    """The hypercubic lattice turned over along any axis, axes of equal length exchanged."""

    shape: tuple[int, ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """A coin for each axis and for each pair of equal ones."""
        pairs = [(a, b) for a, b in combinations(range(len(self.shape)), 2) if self.shape[a] == self.shape[b]]
        coins = jax.random.bernoulli(key, shape=(len(self.shape) + len(pairs),))
        for axis in range(len(self.shape)):
            x = jnp.where(coins[axis], jnp.flip(x, axis), x)
        for coin, (a, b) in zip(coins[len(self.shape) :], pairs, strict=True):
            x = jnp.where(coin, jnp.swapaxes(x, a, b), x)
        return x


def unit_steps(dimension: int) -> tuple[tuple[int, ...], ...]:
    """One step along each axis."""
    return tuple(map(tuple, np.eye(dimension, dtype=int).tolist()))
