# SPDX-License-Identifier: Apache-2.0
"""One network for a whole line of Hamiltonians.  Foundation states: Rende et al. 2025, arXiv:2502.09488."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState

__all__ = ["FoundationState", "chebyshev", "foundation_state"]


class FoundationState(eqx.Module):
    """ψ(x; g) = ψ_θ(g)(x) of any ansatz, its parameters smooth in g: θ(g) = Σ_k c_k T_k(u), k = 0 ... degree.

    u = -1 ... 1 for g = low ... high, T_k the polynomials of Chebyshev.
    Law: degree 0 is one state for all g.
    """

    ansatz: AbstractQuantumState  # its parameters are c_0 ... c_degree, along a first axis
    low: float = eqx.field(static=True)
    high: float = eqx.field(static=True)
    degree: int = eqx.field(static=True)

    def __check_init__(self):
        if not self.low < self.high:
            raise ValueError(f"Expected couplings from low to high, found {self.low} and {self.high}; exchange them.")

    def polynomials(self, g: Float[Array, ""]) -> Float[Array, " K"]:
        """T_k(u) for k = 0 ... degree, u = (2g - low - high)/(high - low)."""
        return chebyshev((2 * g - self.low - self.high) / (self.high - self.low), self.degree)

    def at(self, g: Float[Array, ""]) -> AbstractQuantumState:
        """The state of one coupling."""
        T = self.polynomials(g)

        def mixed(c: Any) -> Any:
            return jnp.tensordot(T.astype(c.dtype), c, axes=1) if eqx.is_inexact_array(c) else c

        return jax.tree.map(mixed, self.ansatz)


def foundation_state(ansatz: AbstractQuantumState, low: float, high: float, degree: int = 4) -> FoundationState:
    """A foundation state that begins with the parameters of `ansatz` at all couplings."""
    first = lambda p: jnp.zeros((degree + 1, *p.shape), p.dtype).at[0].set(p)  # noqa: E731
    stacked = jax.tree.map(lambda p: first(p) if eqx.is_inexact_array(p) else p, ansatz)
    return FoundationState(stacked, float(low), float(high), degree)


def chebyshev(u: Float[Array, ""], degree: int) -> Float[Array, " K"]:
    """T_0 ... T_degree: T_k = 2 u T_(k-1) - T_(k-2).  Law: T_k(cos φ) = cos kφ."""
    T = [jnp.ones_like(u), u]
    for _ in range(degree - 1):
        T.append(2 * u * T[-1] - T[-2])
    return jnp.stack(T[: degree + 1])
