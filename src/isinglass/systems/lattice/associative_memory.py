# SPDX-License-Identifier: Apache-2.0
"""Associative memories: spins whose energy has minima at or near given patterns."""

from abc import abstractmethod
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int8, Shaped

from isinglass.errors import InputError
from isinglass.symmetry.variable import AbstractVariable, Spins
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["AbstractAssociativeMemory", "checked_spins", "random_patterns"]


class AbstractAssociativeMemory(AbstractLatticeSystem):
    """E(s) of spins s_i = ±1 with patterns ξ^μ_i = ±1, μ = 1 .. P.

    What a flip needs of s is kept in a state, so that descent costs little: `begin`, `rises`, `flipped`.
    """

    patterns: eqx.AbstractVar[Int8[Array, "P *site"]]
    variable: ClassVar[AbstractVariable] = Spins()

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.patterns.shape[1:])

    @property
    def colors(self):
        """All spins interact: a color for each."""
        return np.arange(self.n_sites)[:, None]

    @property
    @abstractmethod
    def most_patterns(self) -> float:
        """How many random patterns it can hold, by theory or an estimate."""

    @abstractmethod
    def begin(self, s: Int8[Array, " N"]) -> Float[Array, "..."]:
        """What is kept of s."""

    @abstractmethod
    def rises(self, state: Float[Array, "..."], s: Int8[Array, " N"]) -> Float[Array, " N"]:
        """ΔE_i = E(s with s_i flipped) - E(s)."""

    @abstractmethod
    def flipped(self, state: Float[Array, "..."], s: Int8[Array, " N"], i) -> Float[Array, "..."]:
        """What is kept of s with s_i flipped."""

    def overlaps(self, s: Shaped[Array, "*site"]) -> Float[Array, " P"]:
        """m_μ = (1/N) Σ_i ξ^μ_i s_i."""
        return flat(self.patterns) @ s.reshape(-1).astype(float) / self.n_sites

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """-s, the only other value."""
        return -x

    def random_configuration(self, key) -> Int8[Array, "*site"]:
        """Each spin up or down with probability one half."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Overlap with the first pattern."""
        return self.overlaps(x)[0]

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> None:
        """Not known for one sample of patterns."""
        return


def flat(patterns: Shaped[Array, "P *site"]) -> Float[Array, "P N"]:
    """The patterns as rows of numbers."""
    return patterns.reshape(len(patterns), -1).astype(float)


def random_patterns(key, patterns: int, neurons: int) -> Int8[Array, "P N"]:
    """ξ^μ_i = ±1 with probability one half."""
    return Spins().random(key, (patterns, neurons))


def checked_spins(name: str, value: Any, axes: str) -> Int8[Array, "..."]:
    """Numbers ±1 as int8.  Errors: InputError for others, for booleans and words, for too few axes or no entry."""
    if isinstance(value, Tracer):
        return value.astype(jnp.int8)
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.ndim < len(axes.split(",")):
        found = f"an array {list(array.shape)} of {array.dtype}"
        raise InputError(f"{name} [{axes}] of numbers ±1", found, "for booleans and 0/1 give 2*x - 1")
    if not array.size:
        raise InputError(f"{name}, one or more of two neurons or more", f"an array {list(array.shape)}", "give some")
    if (wrong := ~np.isin(array, (-1, 1))).any():
        bad = "NaN" if np.isnan(array).any() else f"{array[wrong][0]:g}"
        fix = "give 2*x - 1" if np.isin(array, (0, 1)).all() else "take the sign of the numbers"
        raise InputError(f"{name} of numbers ±1", f"{bad} among them", fix)
    return jnp.asarray(array, jnp.int8)


def checked_patterns(value: Any) -> Int8[Array, "P *site"]:
    """Patterns [P, neurons...].  Errors: InputError for other values, no pattern, fewer than two neurons."""
    try:
        patterns = checked_spins("patterns", value, "pattern, neuron")
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("patterns [pattern, neuron] of one length", "rows that differ", "give an array") from None
    N = patterns[0].size
    if N < 2:  # noqa: PLR2004
        raise InputError("patterns of two neurons or more", f"{N}", "a row for each pattern, a column for each neuron")
    return patterns
