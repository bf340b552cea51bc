# SPDX-License-Identifier: Apache-2.0
"""Ground states of chains by the density-matrix renormalization group: the classical baseline of neural states.

White 1992, doi:10.1103/PhysRevLett.69.2863; as a variation of matrix products, Schollwöck 2011, arXiv:1008.3477.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.approximation.matrix_product_operator import matrix_product_operator
from isinglass.nets.matrix_product_state import MatrixProductState, from_tensors
from isinglass.systems.hamiltonian import Hamiltonian

__all__ = ["Renormalized", "dmrg"]

Tensor = Shaped[np.ndarray, "..."]
LANCZOS = 8  # products with H for two sites, in each visit


class Renormalized(NamedTuple):
    """What the sweeps give."""

    energy: float  # <H> in psi
    psi: MatrixProductState
    history: Float[np.ndarray, " sweeps"]  # energy after each sweep
    discarded: float  # largest weight of the density matrix left out in the last sweep
    status: str


def dmrg(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    bond: int = 32,
    *,
    sweeps: int = 30,
    tolerance: float = 1e-11,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Renormalized:
    """Two sites at a time, to and fro, at most `bond` states kept; the sites of the space form the chain.

    Stops when a sweep changes the energy by less than `tolerance` of it.  A conserved sum is held by a penalty.
    Law: the energy is never below the exact one, and falls with `bond`.
    Cost of a sweep: N bond³ w levels, w the bond of H as a matrix product.
    Errors: ValueError for fewer than two sites.
    """
    N, levels = hamiltonian.space.n_sites, hamiltonian.space.levels
    if N < 2:
        raise ValueError(f"Expected a chain of at least two sites, found {N}; diagonalize it.")
    W = matrix_product_operator(hamiltonian)
    A = random_state(key, N, levels, min(bond, 8), W[0].dtype)
    right = [np.ones((1, 1, 1), W[0].dtype)]
    for T, w in zip(A[:0:-1], W[:0:-1], strict=True):
        right.append(grown_right(right[-1], T, w))
    left = [np.ones((1, 1, 1), W[0].dtype)]
    history, status = [], f"energy still falling after {sweeps} sweeps; allow more"
    for sweep in range(sweeps):
        discarded = 0.0
        for i in range(N - 1):
            right.pop()
            A[i], A[i + 1], energy, lost = renormalized(left[-1], W[i], W[i + 1], right[-1], A[i], A[i + 1], bond)
            left.append(grown_left(left[-1], A[i], W[i]))
            discarded = max(discarded, lost)
        for i in range(N - 2, -1, -1):
            left.pop()
            A[i], A[i + 1], energy, lost = renormalized(
                left[-1], W[i], W[i + 1], right[-1], A[i], A[i + 1], bond, rightwards=False
            )
            right.append(grown_right(right[-1], A[i + 1], W[i + 1]))
            discarded = max(discarded, lost)
        history.append(energy)
        progress(sweep + 1, sweeps, f"sweep {sweep + 1}: E = {energy:.12g}")
        if sweep and abs(history[-2] - energy) < tolerance * max(1.0, abs(energy)):
            status = "done"
            break
    return Renormalized(history[-1], from_tensors(A), np.array(history), discarded, status)


def random_state(key: Key[Array, ""], N: int, levels: int, bond: int, dtype: np.dtype) -> list[Tensor]:
    """Right-orthogonal tensors (left, level, right)."""
    random = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    sides = [min(bond, levels ** min(i, N - i)) for i in range(N + 1)]
    tensors = []
    for a, b in zip(sides[:-1], sides[1:], strict=True):
        Q = np.linalg.qr(random.normal(size=(levels * b, a)))[0]
        tensors.append(np.ascontiguousarray(Q.T.reshape(-1, levels, b)).astype(dtype))
    return tensors


def grown_left(left: Tensor, A: Tensor, w: Tensor) -> Tensor:
    """One more site on the left: (bra, w, ket)."""
    half = np.tensordot(np.tensordot(left, A, 1), w, ((1, 2), (0, 2)))  # bra, ket, level, w
    return np.tensordot(A.conj(), half, ((0, 1), (0, 2))).transpose(0, 2, 1)


def grown_right(right: Tensor, A: Tensor, w: Tensor) -> Tensor:
    """One more site on the right: (bra, w, ket)."""
    half = np.tensordot(np.tensordot(A, right, (2, 2)), w, ((1, 3), (2, 3)))  # ket, bra, w, level
    return np.tensordot(A.conj(), half, ((1, 2), (3, 1))).transpose(0, 2, 1)


def renormalized(left: Tensor, w1: Tensor, w2: Tensor, right: Tensor, A: Tensor, B: Tensor, bond: int, *,
                 rightwards: bool = True) -> tuple[Tensor, Tensor, float, float]:  # fmt: skip
    """The lowest state of two sites between their surroundings, split by its largest singular values.

    Returns both tensors, the center going `rightwards`, <H> after the split, and the weight left out.
    """
    shape = (A.shape[0], A.shape[1], B.shape[1], B.shape[2])
    w12 = np.tensordot(w1, w2, (3, 0))  # w s p t q u

    def product(v):
        theta = np.tensordot(left, v.reshape(shape), (2, 0))  # a w p q B
        theta = np.tensordot(theta, w12, ((1, 2, 3), (0, 2, 4)))  # a B s t u
        return np.tensordot(theta, right, ((1, 4), (2, 1))).ravel()  # a s t b

    theta = lowest_vector(product, np.tensordot(A, B, 1).ravel())
    U, s, V = np.linalg.svd(theta.reshape(shape[0] * shape[1], -1), full_matrices=False)
    keep = min(bond, int((s > 1e-12 * s[0]).sum()))
    lost = float((s[keep:] ** 2).sum())
    s = s[:keep] / np.linalg.norm(s[:keep])
    U, V = U[:, :keep], V[:keep]
    kept = ((U * s) @ V).ravel()
    energy = float(np.vdot(kept, product(kept)).real)
    U, V = (U, s[:, None] * V) if rightwards else (U * s, V)
    return U.reshape(*shape[:2], keep), V.reshape(keep, *shape[2:]), energy, lost


def lowest_vector(product: Callable[[Tensor], Tensor], start: Tensor) -> Tensor:
    """The lowest state of a small Krylov space: sweeps come back, none needs to be exact."""
    V, T = [start / np.linalg.norm(start)], np.zeros((LANCZOS, LANCZOS))
    for j in range(LANCZOS):
        w = product(V[j])
        T[j, j] = np.vdot(V[j], w).real
        for v in V + V:  # twice, for w may be small
            w = w - np.vdot(v, w) * v
        beta = np.linalg.norm(w)
        if beta < 1e-10 * max(1.0, abs(T[0, 0])) or j + 1 == LANCZOS:
            break
        T[j, j + 1] = T[j + 1, j] = beta
        V.append(w / beta)
    return np.linalg.eigh(T[: len(V), : len(V)])[1][:, 0] @ np.stack(V)
