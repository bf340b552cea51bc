# SPDX-License-Identifier: Apache-2.0
"""The local energy E_loc(n) = Σ_n' <n|H|n'> ψ(n') / ψ(n): its mean over |ψ|² is <H>, its variance that of H."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Shaped

from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["hops", "local_energies", "local_energy"]


def hops(
    hamiltonian: Hamiltonian, walker: AbstractWalker, n: Int[Array, " N"]
) -> tuple[Shaped[Array, ""], Shaped[Array, " M"], Shaped[Array, " M"]]:
    """<n|H|n>, and of each move <n|H|n'> and ψ(n') / ψ(n), zero where H does not connect them: of one number type."""
    space, x = hamiltonian.space, hamiltonian.space.variables(n, float)
    diagonal, weights = hamiltonian.weights(n)
    sites = jnp.asarray(hamiltonian.moved)
    levels = jnp.mod(n[sites].astype(jnp.int32) + hamiltonian.shifts, space.levels)
    kept = walker.keep(x)
    ratio = jax.vmap(lambda sites, y: walker.move(kept, x, sites, y)[0])(sites, space.variables(levels, float))
    dtype = jnp.result_type(ratio.dtype, weights.dtype) if ratio.dtype == weights.dtype else complex
    ratio = jnp.where(weights != 0, ratio, 0)  # where it is zero n' may lie outside the sector
    return diagonal.astype(dtype), weights.conj().astype(dtype), ratio.astype(dtype)


def local_energy(hamiltonian: Hamiltonian, walker: AbstractWalker, n: Int[Array, " N"]) -> Shaped[Array, ""]:
    """One configuration, all its moves at once.  Law: constant where ψ is an eigenstate."""
    diagonal, weights, ratio = hops(hamiltonian, walker, n)
    return diagonal + weights @ ratio


def local_energies(
    hamiltonian: Hamiltonian, state: AbstractQuantumState, n: Int[Array, "B N"], chunk: int | None = None
) -> Shaped[Array, " B"]:
    """E_loc of many configurations [B, N], `chunk` at a time."""
    walker = state.walker()
    one = lambda n: local_energy(hamiltonian, walker, n)  # noqa: E731
    return jax.vmap(one)(n) if chunk is None else jax.lax.map(one, n, batch_size=chunk)
