# SPDX-License-Identifier: Apache-2.0
"""Dense associative memories: steeper functions of the overlaps than Hebb's square store more patterns."""

from math import prod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Int8, Shaped

from isinglass.errors import InputError
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.systems.lattice.associative_memory import (
    AbstractAssociativeMemory,
    checked_patterns,
    flat,
    random_patterns,
)
from isinglass.systems.lattice.hopfield import CAPACITY
from isinglass.systems.system import positive

__all__ = ["DenseMemory"]

LEAST, MOST = 2, 20  # of the power


class DenseMemory(AbstractAssociativeMemory):
    """E(s) = -Σ_μ F(ξ^μ·s): F(x) = x^n / (n N^(n-1)), or E(s) = -ln Σ_μ exp(ξ^μ·s), s_i = ±1.

    n = 2 is Hebb's rule but for a constant.  The exponential has the descents of F = exp, and the derivative
    A = Σ_μ softmax(ξ·s)_μ ξ^μ: attention of s to the patterns.
    Shape: patterns [P, neurons...], ±1.  Law: E(-s) = E(s) for even n.
    Holds about N^(n-1)/(2 (2n-3)!! ln N) random patterns without an error.
    Ref: Krotov & Hopfield 2016, arXiv:1606.01164; Demircigil et al. 2017, arXiv:1702.01929; Ramsauer et al. 2020,
    arXiv:2008.02217.
    """

    patterns: Int8[Array, "P *site"]
    beta: Float[Array, ""]
    power: int | None = eqx.field(static=True)  # None: the exponential
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, patterns, *, power: Any = 3, temperature=1.0):
        """`power`: n, or None for the exponential.  Errors: InputError for patterns that are not ±1."""
        whole = isinstance(power, int) and not isinstance(power, bool)
        if power is not None and not (whole and LEAST <= power <= MOST):
            fix = "choose another one, or None for the exponential"
            raise InputError(f"power, a whole number from {LEAST} to {MOST}", repr(power)[:60], fix)
        self.patterns = checked_patterns(patterns)
        self.power = power
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        even = power is not None and power % 2 == 0
        self.symmetries = (Reflection(self.variable),) if even else ()

    @property
    def most_patterns(self) -> float:
        """α_c N^(n-1)/(2n-3)!!, where a step makes as many errors as Hebb's rule at its capacity; 2^(N/2)."""
        if self.power is None:
            return 2.0 ** min(self.n_sites / 2, 1000.0)
        return CAPACITY * self.n_sites ** (self.power - 1) / prod(range(2 * self.power - 3, 0, -2))

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        M = self.begin(x.reshape(-1))
        return -jax.nn.logsumexp(M) if self.power is None else -jnp.sum(self.F(M))

    def F(self, M: Float[Array, " P"]) -> Float[Array, " P"]:
        """M^n / (n N^(n-1))."""
        n: Any = self.power
        return self.n_sites * (M / self.n_sites) ** n / n

    def energy_changes(self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]):
        """ΔE_i where y_i is not x_i, else 0.  Cost: N P."""
        s = x.reshape(-1)
        return jnp.where(y == s[sites], 0.0, self.rises(self.begin(s), s)[sites])

    def begin(self, s: Int8[Array, " N"]) -> Float[Array, " P"]:
        """M_μ = ξ^μ·s.  Cost: N P."""
        return flat(self.patterns) @ s.astype(float)

    def rises(self, state: Float[Array, " P"], s: Int8[Array, " N"]) -> Float[Array, " N"]:
        """ΔE_i = Σ_μ [F(M_μ) - F(M_μ - 2 ξ^μ_i s_i)], or -ln Σ_μ softmax(M)_μ exp(-2 ξ^μ_i s_i).  Cost: N P."""
        x, s_i = flat(self.patterns), s.astype(float)
        if self.power is None:
            along = (1 + s_i * (jax.nn.softmax(state) @ x)) / 2  # attention to patterns that agree in i
            return -jnp.log(jnp.exp(-2.0) * along + jnp.exp(2.0) * (1 - along))
        less, more = self.F(state - 2), self.F(state + 2)
        return jnp.sum(self.F(state) - (more + less) / 2) + s_i * (((more - less) / 2) @ x)

    def flipped(self, state: Float[Array, " P"], s: Int8[Array, " N"], i) -> Float[Array, " P"]:
        """M_μ - 2 ξ^μ_i s_i.  Cost: P."""
        return state - 2 * flat(self.patterns)[:, i] * s[i].astype(float)

    def attention(self, s: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        """Σ_μ softmax(ξ·s)_μ ξ^μ: values by keys ξ and query s, at inverse temperature 1."""
        return (jax.nn.softmax(self.begin(s.reshape(-1))) @ flat(self.patterns)).reshape(s.shape)


def examples() -> dict[str, DenseMemory]:
    """Small instances by name, on which the tests check every law."""
    patterns = random_patterns(jax.random.key(9), 5, 9)
    return {
        "dense_memory": DenseMemory(patterns, temperature=0.5),
        "dense_memory_fourth": DenseMemory(patterns, power=4, temperature=0.5),
        "dense_memory_exponential": DenseMemory(patterns[:, :8], power=None, temperature=2.0),
    }
