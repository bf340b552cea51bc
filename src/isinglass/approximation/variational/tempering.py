# SPDX-License-Identifier: Apache-2.0
"""Exchanges between chains of |ψ|^2β at neighboring β."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.approximation.variational.markov_chain import AbstractMove, sweeps
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["swapped", "tempered_sweep"]


def tempered_sweep(
    key: Key[Array, ""], n: Int[Array, "R K N"], betas: Float[Array, " K"], psi: AbstractQuantumState,
    space: HilbertSpace, move: AbstractMove, steps: int,
) -> tuple[Int[Array, "R K N"], Float[Array, ""]]:  # fmt: skip
    """Proposals at every rung, and exchanges of rungs (0,1), (2,3) ... or (1,2), (3,4) ..., by chance."""
    key_sweep, key_pair, key_swap = jax.random.split(key, 3)
    R, K, N = n.shape
    n, accepted = sweeps(key_sweep, n.reshape(R * K, N), psi, space, move, steps, jnp.tile(betas, R))
    log_p = 2 * jnp.real(jax.vmap(psi.log_psi)(space.variables(n, float))).reshape(R, K)
    odd = jax.random.bernoulli(key_pair).astype(jnp.int32)
    log_u = jnp.log(jax.random.uniform(key_swap, (R, K)))
    order = jax.vmap(lambda log_p, log_u: swapped(log_p, betas, log_u, odd))(log_p, log_u)
    return jnp.take_along_axis(n.reshape(R, K, N), order[..., None], axis=1), accepted


def swapped(
    log_p: Float[Array, " K"], betas: Float[Array, " K"], log_u: Float[Array, " K"], odd: Int[Array, ""]
) -> Int[Array, " K"]:
    """Which state each rung takes: a pair exchanges with probability min(1, exp((β_i - β_j)(ln p_j - ln p_i)))."""
    K = len(betas)
    rung = jnp.arange(K, dtype=jnp.int32)
    partner = jnp.where((rung - odd) % 2 == 0, rung + 1, rung - 1)
    partner = jnp.where((partner < 0) | (partner >= K), rung, partner)
    gain = (betas - betas[partner]) * (log_p[partner] - log_p)  # the same from both sides
    return jnp.where(log_u[jnp.minimum(rung, partner)] < gain, partner, rung)
