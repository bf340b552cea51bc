# SPDX-License-Identifier: Apache-2.0
"""Thermal averages of a quantum system: by full diagonalization, or by random states and a few Lanczos vectors.

    Tr f(H) ≈ (D/R) Σ_r <r|f(H)|r>,  <r|f(H)|r> = Σ_j |U_1j|² f(ε_j)

with ε_j, U of the Lanczos matrix that starts from |r>: Jaklic and Prelovsek 1994, doi:10.1103/PhysRevB.49.5065.  Other
observables in the state exp(-βH/2)|r>: Sugiura and Shimizu 2012, arXiv:1112.0740.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.approximation.exact.lanczos import lanczos_step

__all__ = ["Thermal", "full_diagonalization", "random_states"]

TINY = 1e-300


class Thermal(NamedTuple):
    """Thermodynamics of the whole system at several inverse temperatures; standard errors, 0 where all is exact."""

    beta: Float[np.ndarray, " b"]
    log_partition_function: Float[np.ndarray, " b"]
    energy: Float[np.ndarray, " b"]
    specific_heat: Float[np.ndarray, " b"]  # β² (<H²> - <H>²)
    entropy: Float[np.ndarray, " b"]  # ln Z + β <H>
    observables: Float[np.ndarray, "b n"]
    errors: dict[str, Float[np.ndarray, "b *n"]]  # of each of the above


def full_diagonalization(
    matrix: Shaped[np.ndarray, "D D"], beta: Float[np.ndarray, " b"], observables: tuple = ()
) -> Thermal:
    """Thermal averages from all eigenvalues of H; observables are matrices.  Cost: D³."""
    energies, states = np.linalg.eigh(matrix)
    diagonals = [np.einsum("ij,ik,kj->j", states.conj(), A, states, optimize=True).real for A in observables]
    values = np.stack([np.ones(len(energies)), energies, energies**2, *diagonals])
    weights = np.exp(-np.outer(beta, energies - energies[0]))
    return averages(beta, (weights @ values.T)[None], energies[0], 1)


def random_states(
    key,
    product: Any,
    beta: Float[np.ndarray, " b"],
    observables: tuple[Callable, ...] = (),
    *,
    samples: int = 20,
    basis: int = 60,
    chunk: int = 1,
) -> Thermal:
    """Thermal averages from R random states, `chunk` of them at once; observables are products v -> A v.

    Cost: R (basis + b n) products, and vectors of `basis` x dim.  Error of ln Z: about 1/√(R Z_eff), with
    Z_eff = Tr exp(-β(H - E_0)): small at high temperature.  Errors are those of a jackknife over the random states; the
    Krylov space must hold the ground state (basis 60 or more) for the lowest temperatures.
    Law: R -> ∞ or a random state on each dimension is the trace; β = 0 has ln Z = ln D.
    """
    if samples < 2:
        raise ValueError(f"Expected at least 2 random states to estimate an error, found {samples}; draw more.")
    keys = jax.random.split(key, samples)
    sums, lowest = traces(keys, product, jnp.asarray(beta), observables, min(basis, product.dim), chunk)
    lowest, beta = np.asarray(lowest), np.asarray(beta)
    scale = np.exp(-np.outer(lowest - lowest.min(), beta))  # each state had its own zero of energy
    return averages(beta, np.asarray(sums) * scale[..., None], float(lowest.min()), product.dim)


@eqx.filter_jit
def traces(keys, product, beta, observables, basis: int, chunk: int):
    """<r|exp(-β(H - ε))|r> of 1, H, H² and each A, for each state and β; and ε, the lowest of its Lanczos matrix."""

    def one(key):
        r = jax.random.normal(key, (product.dim,), product.dtype)
        V, T = lanczos_matrix(product, r / jnp.linalg.norm(r).astype(r.dtype), basis)
        energies, U = jnp.linalg.eigh(T)
        weights = jnp.exp(-beta[:, None] * (energies - energies[0])[None]) * (U[0] ** 2)[None]
        powers = jnp.stack([jnp.ones_like(energies), energies, energies**2])

        def observed(b):
            psi = ((U * U[:1]) @ jnp.exp(-b / 2 * (energies - energies[0]))).astype(V.dtype) @ V
            return jnp.stack([jnp.vdot(psi, A(psi)).real for A in observables])

        sums = weights @ powers.T
        if observables:
            sums = jnp.concatenate([sums, jax.lax.map(observed, beta)], axis=1)
        return sums, energies[0]

    return jax.lax.map(one, keys, batch_size=chunk)


def lanczos_matrix(product, v: Shaped[Array, " dim"], m: int) -> tuple[Shaped[Array, "m dim"], Float[Array, "m m"]]:
    """The m Lanczos vectors that start from v, and T = V† H V; beyond a closed subspace T is diagonal."""

    def one(j, state):
        V, T, open_ = state
        V, h, beta = lanczos_step(product, V, j)
        T = T.at[j, j].set(jnp.where(open_, h[j].real, T[0, 0])).at[j + 1, j].set(beta).at[j, j + 1].set(beta)
        return V, T, beta > 0

    start = jnp.zeros((m + 1, len(v)), v.dtype).at[0].set(v), jnp.zeros((m + 1, m + 1)), jnp.ones((), bool)
    V, T, _ = jax.lax.fori_loop(0, m, one, start)
    return V[:-1], T[:-1, :-1]


def averages(beta, sums: Float[np.ndarray, "R b n"], zero: float, dim: int) -> Thermal:
    """Averages from the traces of 1, H, H² and A; errors by the jackknife over the R states."""
    R = len(sums)
    total = sums.sum(axis=0)
    found = quantities(beta, total / R, zero, dim)
    if R == 1:
        return Thermal(beta, **found, errors={name: np.zeros_like(x) for name, x in found.items()})
    without = [quantities(beta, (total - one) / (R - 1), zero, dim) for one in sums]
    errors = {name: np.sqrt((R - 1) * np.var([one[name] for one in without], axis=0)) for name in found}
    return Thermal(beta, **found, errors=errors)


def quantities(beta, traces: Float[np.ndarray, "b n"], zero: float, dim: int) -> dict[str, np.ndarray]:
    """ln Z, <H>, heat capacity, entropy and <A>: the fields of `Thermal`, without errors."""
    Z, E, E2, A = traces[:, 0], *(traces[:, 1:3] / traces[:, :1]).T, traces[:, 3:] / traces[:, :1]
    log_Z = np.log(dim * Z) - beta * zero
    return {
        "log_partition_function": log_Z,
        "energy": E,
        "specific_heat": beta**2 * (E2 - E**2),
        "entropy": log_Z + beta * E,
        "observables": A,
    }
