# SPDX-License-Identifier: Apache-2.0
"""Mean and width of the spectrum of H in its space: the energy at infinite temperature, and the scale of energies."""

from math import comb
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["InfiniteTemperature", "infinite_temperature"]

ALL = 1 << 14  # states up to which the traces are sums
SAMPLES = 4096
AT_ONCE = 1024


class InfiniteTemperature(NamedTuple):
    """E_∞ = Tr H / D and σ² = Tr (H - E_∞)² / D, D the number of states of the space.

    Law: H + c has E_∞ + c and the same σ, a constant written as a conserved sum included.
    """

    energy: float  # E_∞
    energy_error: float  # 0 where all states are summed
    width: float  # σ


def infinite_temperature(key: Key[Array, ""], hamiltonian: Hamiltonian) -> InfiniteTemperature:
    """By a sum over all states of a small space, else over random ones: σ² = <(H_nn - E_∞)² + Σ_m |<n + s_m|H|n>|²>.

    Random states of more than two levels are not uniform in a sector; they are weighted with 1/p.
    """
    n, weights = basis_states(key, hamiltonian.space)
    diagonal, squares = row_moments(hamiltonian, n)
    energy = weights @ diagonal
    width = float(np.sqrt(weights @ ((diagonal - energy) ** 2 + squares)))
    error = 0.0 if summed(hamiltonian.space) else float(np.sqrt(weights**2 @ (diagonal - energy) ** 2))
    return InfiniteTemperature(float(energy), error, width)


def summed(space: HilbertSpace) -> bool:
    """Whether the space is small."""
    return space.bits <= 62 and space.size <= ALL


def basis_states(
    key: Key[Array, ""], space: HilbertSpace
) -> tuple[Int[Array, "B N"], Float[np.ndarray, " B"]]:  # fmt: skip
    """Basis states with weights of sum 1 whose means are those of the uniform law."""
    if summed(space):
        return jax.vmap(space.decode)(jnp.asarray(space.states())), np.full(space.size, 1 / space.size)
    n = jax.vmap(space.random_state)(jax.random.split(key, SAMPLES))
    held = [i for sites, _ in space.conserved for i in sites]
    ways = np.array([comb(space.levels - 1, level) for level in range(space.levels)], float)
    log_p = np.log(ways)[np.asarray(n)[:, held]].sum(axis=1)  # p of `random_state`: ways to place the quanta
    weights = np.exp(log_p.min() - log_p)
    return n, weights / weights.sum()


@eqx.filter_jit
def rows_of(hamiltonian: Hamiltonian, n: Int[Array, "B N"]) -> tuple[Float[Array, " B"], Float[Array, " B"]]:
    """H_nn and Σ_m |<n + s_m|H|n>|² of every n."""

    def one(n):
        diagonal, moves = hamiltonian.weights(n)
        return diagonal.real, (jnp.abs(moves) ** 2).sum()

    return jax.lax.map(one, n, batch_size=AT_ONCE)


def row_moments(
    hamiltonian: Hamiltonian, n: Int[Array, "B N"]
) -> tuple[Float[np.ndarray, " B"], Float[np.ndarray, " B"]]:  # fmt: skip
    """The same as NumPy arrays."""
    diagonal, squares = rows_of(hamiltonian, n)
    return np.asarray(diagonal), np.asarray(squares)
