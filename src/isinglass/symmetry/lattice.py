# SPDX-License-Identifier: Apache-2.0
"""Symmetries of periodic lattices: they move the variables and keep their values."""

from dataclasses import dataclass
from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["PointGroup", "PointGroupVectors", "Translation", "unit_steps"]

MANY = 5040  # numbers of steps that are sampled: a multiple of many sides


@dataclass(frozen=True)
class Translation(AbstractSymmetry):
    """x(r) -> x(r - a) around the lattice, a any whole-number sum of `steps`; further axes, as of links, stay."""

    steps: tuple[tuple[int, ...], ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """a = Σ_k n_k step_k, each n_k uniform in 0 ... 5039."""
        n = jax.random.randint(key, (len(self.steps),), 0, MANY, dtype=jnp.int32)
        a = n @ jnp.asarray(self.steps, jnp.int32)
        return jnp.roll(x, a, range(len(self.steps[0])))


@dataclass(frozen=True)
class PointGroup(AbstractSymmetry):
    """Point group of the hypercubic lattice: reflections of each axis, exchanges of axes of equal length."""

    shape: tuple[int, ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """Each reflection and each exchange with probability ½."""
        pairs, coins = equal_sides(self.shape), random_coins(key, self.shape)
        for axis in range(len(self.shape)):
            x = jnp.where(coins[axis], jnp.flip(x, axis), x)
        for coin, (a, b) in zip(coins[len(self.shape) :], pairs, strict=True):
            x = jnp.where(coin, jnp.swapaxes(x, a, b), x)
        return x

    def actions(self) -> dict[str, AbstractSymmetry]:
        """On fields of vectors, [*lattice, d]."""
        return {"vector": PointGroupVectors(self.shape)}


@dataclass(frozen=True)
class PointGroupVectors(AbstractSymmetry):
    """v(r) -> g v(g⁻¹ r) of a field of vectors [*lattice, d], g of the point group."""

    shape: tuple[int, ...]

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """The field is moved, and the components are reversed and exchanged."""
        x, pairs, coins = PointGroup(self.shape).act(key, x), equal_sides(self.shape), random_coins(key, self.shape)
        for axis in range(len(self.shape)):
            x = jnp.where(coins[axis], x.at[..., axis].multiply(-1), x)
        for coin, (a, b) in zip(coins[len(self.shape) :], pairs, strict=True):
            order = np.arange(len(self.shape))
            order[[a, b]] = b, a
            x = jnp.where(coin, x[..., order], x)
        return x


def equal_sides(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """The pairs of axes that may be exchanged."""
    return [(a, b) for a, b in combinations(range(len(shape)), 2) if shape[a] == shape[b]]


def random_coins(key, shape: tuple[int, ...]) -> Bool[Array, " n"]:
    """Which reflections and which exchanges an element consists of."""
    return jax.random.bernoulli(key, shape=(len(shape) + len(equal_sides(shape)),))


def unit_steps(dimension: int) -> tuple[tuple[int, ...], ...]:
    """One step along each axis."""
    return tuple(map(tuple, np.eye(dimension, dtype=int).tolist()))
