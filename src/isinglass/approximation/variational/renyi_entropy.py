# SPDX-License-Identifier: Apache-2.0
"""The Rényi entropy of blocks of a neural state, S_2 = -ln Tr ρ_A², from two copies whose blocks are swapped.

    Tr ρ_A² = < ψ(n'_A n_B) ψ(n_A n'_B) / (ψ(n_A n_B) ψ(n'_A n'_B)) >,   n and n' sampled independently from |ψ|².

Hastings, Gonzalez, Kallin and Melko 2010, arXiv:1001.2335.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from isinglass.approximation.variational.ensemble import ChainAverage, log_amplitudes, sample
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Estimate

__all__ = ["contiguous_blocks", "renyi_entropies"]


def contiguous_blocks(n_sites: int, lengths: list[int]) -> Bool[np.ndarray, "blocks N"]:
    """Sites 0 ... ℓ-1 for each ℓ."""
    return np.arange(n_sites)[None] < np.asarray(lengths)[:, None]


def renyi_entropies(
    key: Key[Array, ""], ensemble: ChainAverage, psi: AbstractQuantumState, blocks: Bool[np.ndarray, "blocks N"]
) -> list[Estimate]:
    """S_2 of each block, all from the same samples; +∞ where swaps do not average to a positive number.

    Error: about √(e^{S_2} / samples), so that large entropies need exponentially many.
    Law: 0 <= S_2 <= ln(dim of the smaller part); S_2 of a block is that of its complement where ψ is pure; ln 2 for a
    Bell pair that is cut.
    """
    swaps, errors = (np.asarray(a) for a in swapped(key, ensemble, psi, jnp.asarray(blocks)))
    return [
        Estimate(-float(np.log(s)), float(error / s)) if s > 0 else Estimate(np.inf)
        for s, error in zip(swaps, errors, strict=True)
    ]


@eqx.filter_jit
def swapped(
    key: Key[Array, ""], ensemble: ChainAverage, psi: AbstractQuantumState, blocks: Bool[Array, "blocks N"]
) -> tuple[Float[Array, " blocks"], Float[Array, " blocks"]]:
    """Tr ρ_A² of each block and its standard error; pairs of chains are the groups."""
    n, other = (sample(jax.random.fold_in(key, k), ensemble, psi)[0].n for k in (0, 1))
    log_psi = lambda n: log_amplitudes(psi, ensemble.space, n, ensemble.chunk)  # noqa: E731
    before = log_psi(n) + log_psi(other)

    def one(block):
        after = log_psi(jnp.where(block, other, n)) + log_psi(jnp.where(block, n, other))
        return ensemble.average(jnp.exp(after - before).real, jnp.ones(n.shape[:2]))

    return jax.lax.map(lambda block: one(block[None, None]), blocks)
