# SPDX-License-Identifier: Apache-2.0
"""One variable of a configuration: its values, its distribution at infinite temperature, its name in data files."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Shaped

__all__ = ["AbstractVariable", "Angles", "Levels", "Reals", "Spins"]

ARCS = 16  # of a circle, of which angles that fill it visit each


class AbstractVariable(ABC):
    """One kind of variable; data, hashable."""

    period: ClassVar[float | None] = None  # x and x + period are the same

    name: str  # in data files: ising, potts, angle or real
    values: tuple[int, ...] | None  # all its values, ascending; None where it is continuous

    @abstractmethod
    def random(self, key, shape: tuple[int, ...]) -> Shaped[Array, "*n"]:
        """Independent variables at beta = 0."""

    @property
    def continuous(self) -> bool:
        """True where the values form a continuum."""
        return self.values is None

    def wrap(self, x: Shaped[Array, "*n"]) -> Shaped[Array, "*n"]:
        """x modulo the period, where there is one."""
        return x if self.period is None else x % self.period

    def filled_by(self, x: Shaped[np.ndarray, " n"]) -> bool:
        """True where these visit every value; on a circle, each of 16 arcs; never on the real line.

        Of 1024 uniform angles, all arcs are visited but with probability 1e-27.
        """
        if self.values is not None:
            return set(self.values) <= set(x.tolist())
        return self.period is not None and len(np.unique(np.floor(x % self.period * ARCS / self.period))) == ARCS


@dataclass(frozen=True)
class Spins(AbstractVariable):
    """s = ±1 (int8)."""

    name: ClassVar[str] = "ising"
    values: ClassVar[tuple[int, ...]] = (-1, 1)

    def random(self, key, shape: tuple[int, ...]) -> Shaped[Array, "*n"]:
        """Up or down with probability one half."""
        return 2 * jax.random.bernoulli(key, shape=shape).astype(jnp.int8) - jnp.int8(1)


@dataclass(frozen=True)
class Levels(AbstractVariable):
    """Finitely many whole numbers (int8): 0 .. q-1 of a Potts model, -1, 0, 1 of a spin one."""

    values: tuple[int, ...]

    @property
    def name(self) -> str:
        """Files know the values 0 .. q-1; others are numbers to them."""
        return "potts" if self.values == tuple(range(len(self.values))) else "real"

    def random(self, key, shape: tuple[int, ...]) -> Shaped[Array, "*n"]:
        """Each value with probability 1/q."""
        number = jax.random.randint(key, shape, 0, len(self.values), dtype=jnp.int8)
        return number if self.name == "potts" else jnp.asarray(self.values, jnp.int8)[number]


@dataclass(frozen=True)
class Angles(AbstractVariable):
    """θ in [0, 2π), radian."""

    period: ClassVar[float] = 2 * math.pi
    name: ClassVar[str] = "angle"
    values: ClassVar[None] = None

    def random(self, key, shape: tuple[int, ...]) -> Shaped[Array, "*n"]:
        """Uniform on the circle."""
        return jax.random.uniform(key, shape, maxval=2 * jnp.pi)


@dataclass(frozen=True)
class Reals(AbstractVariable):
    """x in (-∞, ∞), float."""

    name: ClassVar[str] = "real"
    values: ClassVar[None] = None

    def random(self, key, shape: tuple[int, ...]) -> Shaped[Array, "*n"]:
        """Normal: a start, since there is no uniform law on the real line."""
        return jax.random.normal(key, shape)
