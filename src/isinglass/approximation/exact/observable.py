# SPDX-License-Identifier: Apache-2.0
"""Observables of a state vector: expectations, correlations, entanglement of a block of sites, fidelity."""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = [
    "entropy",
    "expectation",
    "fidelity",
    "occupation_correlation",
    "reduced_density_matrix",
    "variance",
]


def expectation(product: Callable, psi: Shaped[Array, " dim"]) -> float:
    """<ψ|A|ψ> / <ψ|ψ>, A a Hermitian product such as `MatrixFree` or `Block`.

    In a symmetry block A must keep the symmetry: take `lattice_symmetry.averaged`, which has the same expectation.
    """
    return float((jnp.vdot(psi, product(psi)) / jnp.vdot(psi, psi)).real)


def variance(product: Callable, psi: Shaped[Array, " dim"]) -> float:
    """<A²> - <A>².  Law: 0 in an eigenstate."""
    image, mean = product(psi), expectation(product, psi)
    return float(jnp.linalg.norm(image - mean * psi) ** 2 / jnp.linalg.norm(psi) ** 2)


def fidelity(a: Shaped[Array, " dim"], b: Shaped[Array, " dim"]) -> float:
    """|<a|b>|² / (<a|a> <b|b>), 0 to 1."""
    return float(abs(jnp.vdot(a, b)) ** 2 / (jnp.linalg.norm(a) * jnp.linalg.norm(b)) ** 2)


def occupation_correlation(space: HilbertSpace, psi: Shaped[Array, " dim"]) -> Float[np.ndarray, "N N"]:
    """<n_i n_j> of all pairs of sites.  Spins 1/2: S^z_i = 1/2 - n_i.

    Law: the sums over i and j are those of the conserved numbers squared.
    """
    states = space.states()
    weight = np.abs(np.asarray(psi)) ** 2
    n = (states[:, None] // space.radix % space.levels).astype(float)
    return (n * (weight / weight.sum())[:, None]).T @ n


def reduced_density_matrix(
    space: HilbertSpace, psi: Shaped[Array, " dim"], block: tuple[int, ...]
) -> Shaped[np.ndarray, "d d"]:
    """ρ_A = Tr_B |ψ><ψ| of some sites; the first of `block` is the quickest digit of an index.

    Fermions: the block must be the first modes, else their order brings signs.  Cost: d^N, also in a sector.
    Law: positive, trace 1; ψ = a ⊗ b is pure.
    """
    d, N, sites = space.levels, space.n_sites, list(block)
    if len(set(sites)) != len(sites) or not set(sites) <= set(range(N)):
        raise ValueError(f"Expected different sites from 0 to {N - 1}, found {block}; choose other sites.")
    if space.kind == "fermion" and sorted(sites) != list(range(len(sites))):
        raise ValueError(f"Expected the first modes of the fermions, found {block}; reorder the modes.")
    rest = [i for i in range(N) if i not in sites]
    states = space.states()
    A, B = (code_of(states, part, d) for part in (sites, rest))
    amplitudes = np.zeros((d ** len(sites), d ** len(rest)), np.asarray(psi).dtype)
    amplitudes[A, B] = np.asarray(psi) / np.linalg.norm(psi)
    return amplitudes @ amplitudes.conj().T


def code_of(states: Int[np.ndarray, " dim"], sites: list[int], d: int) -> Int[np.ndarray, " dim"]:
    """The code of the levels at these sites alone, Σ_k n_k d^k."""
    code = np.zeros_like(states)
    for place, site in enumerate(sites):
        code += states // d**site % d * d**place
    return code


def entropy(rho: Shaped[np.ndarray, "d d"], order: float = 1.0) -> float:
    """Rényi's entropy ln Tr ρ^α / (1 - α); α = 1 is von Neumann's, -Tr ρ ln ρ.

    Law: 0 for a pure state, ln d at most; falls with α.
    """
    p = np.linalg.eigvalsh(rho)
    p = p[p > 1e-15]
    if order == 1.0:
        return float(-(p * np.log(p)).sum())
    return float(np.log((p**order).sum()) / (1 - order))
