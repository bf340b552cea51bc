# SPDX-License-Identifier: Apache-2.0
"""Ground states of chains by the density-matrix renormalization group: the classical baseline of neural states.

White 1992, doi:10.1103/PhysRevLett.69.2863; as a variation of matrix products, Schollwöck 2011, arXiv:1008.3477.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key, Shaped

from isinglass.approximation.exact.matrix_product_operator import matrix_product_operator
from isinglass.nets.wavefunction.matrix_product_state import MatrixProductState, from_tensors
from isinglass.run.blas import one_blas_thread
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["Renormalized", "dmrg"]

Tensor = Shaped[np.ndarray, "..."]
LANCZOS = 8  # products with H for two sites, in each visit
ROUND = 1e-12  # singular values below it, relative to the largest, count as zero


class Renormalized(NamedTuple):
    """The state that the sweeps end in, its energy and the weight they truncate."""

    energy: float  # <H> in psi
    psi: MatrixProductState
    history: Float[np.ndarray, " sweeps"]  # energy after each sweep
    discarded: float  # largest weight of the density matrix left out in the last sweep
    status: str


class BondSplit(NamedTuple):
    """Two sites A_i A_{i+1} = U s V, singular values in falling order."""

    U: Tensor
    s: Float[np.ndarray, " bond"]
    V: Tensor
    charge: Int[np.ndarray, " bond"]  # of the sites to the left of the bond
    discarded: float


@one_blas_thread()
def dmrg(
    key: Key[Array, ""],
    hamiltonian: Hamiltonian,
    bond: int = 32,
    *,
    sweeps: int = 30,
    tolerance: float = 1e-11,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Renormalized:
    """The ground state by sweeps over pairs of sites, with at most `bond` states kept; the sites form an open chain.

    Stops when a sweep changes the energy by less than `tolerance` of it.  Conserved sums hold exactly: every state of
    a bond has its own (a charge), and only entries that match are different from zero.
    Law: the energy is never below the exact one of the sector, and falls with `bond`.
    Cost of a sweep: N bond³ w levels, w the bond of H as a matrix product.
    Errors: ValueError for fewer than two sites.
    """
    N = hamiltonian.space.n_sites
    if N < 2:
        raise ValueError(f"Expected a chain of at least two sites, found {N}; diagonalize it.")
    W = matrix_product_operator(hamiltonian)
    A, charge = some_basis_states(key, hamiltonian.space, bond, W[0].dtype)
    unit, steps = charge_of_a_quantum(hamiltonian.space), range(N - 1)
    edge = np.ones((1, 1, 1), W[0].dtype)
    left, right = [edge] * N, [edge] * N  # of what lies beyond each site
    for i in range(N - 1, 0, -1):
        right[i - 1] = grown_right(right[i], A[i], W[i])
    history, status = [], f"energy still falling after {sweeps} sweeps; allow more"
    for sweep in range(sweeps):
        discarded = 0.0
        for i, rightwards in [*((i, True) for i in steps), *((i, False) for i in reversed(steps))]:
            product = TwoSites(left[i], W[i], W[i + 1], right[i + 1])
            theta = np.tensordot(A[i], A[i + 1], 1)
            match = matching(charge[i], charge[i + 2], unit[i : i + 2], hamiltonian.space.levels)
            theta = lowest_vector(lambda v, p=product, m=match: m * p(v), theta)
            U, s, V, charge[i + 1], lost = split(theta, charge[i], charge[i + 2], unit[i : i + 2], bond)
            discarded = max(discarded, lost)
            A[i], A[i + 1] = (U, s[:, None, None] * V) if rightwards else (U * s, V)
            if rightwards:
                left[i + 1] = grown_left(left[i], U, W[i])
            else:
                right[i] = grown_right(right[i + 1], V, W[i + 1])
        kept = np.tensordot(A[0], A[1], 1)
        history.append(float(np.vdot(kept, product(kept)).real))
        progress(sweep + 1, sweeps, f"sweep {sweep + 1}: E = {history[-1]:.12g}")
        if sweep and abs(history[-2] - history[-1]) < tolerance * max(1.0, abs(history[-1])):
            status = "done"
            break
    return Renormalized(history[-1], from_tensors(A), np.array(history), discarded, status)


def charge_of_a_quantum(space: HilbertSpace) -> Int[np.ndarray, " N"]:
    """What one more n_i adds to the charge: all conserved sums as the digits of one number."""
    base = space.n_sites * space.levels
    unit = np.zeros(space.n_sites, np.int64)
    for k, (sites, _) in enumerate(space.conserved):
        unit[np.asarray(sites)] = base**k
    return unit


def some_basis_states(
    key: Key[Array, ""], space: HilbertSpace, how_many: int, dtype: np.dtype
) -> tuple[list[Tensor], list[Int[np.ndarray, " bond"]]]:
    """A random sum of basis states of the sector, as right-orthogonal tensors; and the charges of all bonds."""
    n = np.asarray(jax.jit(jax.vmap(space.random_state))(jax.random.split(key, how_many)))
    unit = charge_of_a_quantum(space)
    A = [np.einsum("al,ab->alb", np.eye(space.levels, dtype=dtype)[row], np.eye(how_many)) for row in n.T]
    charge = [np.zeros(1, np.int64), *np.cumsum(n * unit, axis=1, dtype=np.int64).T]
    weights = np.asarray(jax.random.normal(key, (1, how_many)), dtype)
    A[0], A[-1], charge[-1] = np.tensordot(weights, A[0], 1), A[-1].sum(axis=2, keepdims=True), charge[-1][:1]
    for i in range(space.n_sites - 2, -1, -1):
        theta = np.tensordot(A[i], A[i + 1], 1)
        U, s, A[i + 1], charge[i + 1], _ = split(theta, charge[i], charge[i + 2], unit[i : i + 2], how_many)
        A[i] = U * s
    return A, charge


def row_and_column_charges(
    left: Int[np.ndarray, " a"], right: Int[np.ndarray, " b"], unit: Int[np.ndarray, "2"], levels: int
) -> tuple[Int[np.ndarray, " rows"], Int[np.ndarray, " columns"]]:
    """Charge to the left of the bond between two sites, as (left, level) has it and as (level, right) asks for it."""
    n = np.arange(levels)
    return (left[:, None] + unit[0] * n).ravel(), (right[None] - unit[1] * n[:, None]).ravel()


def matching(left, right, unit, levels: int) -> Bool[np.ndarray, "a level level b"]:
    """Where two sites between these charges may differ from zero."""
    rows, columns = row_and_column_charges(left, right, unit, levels)
    return (rows[:, None] == columns[None]).reshape(len(left), levels, levels, len(right))


def split(theta: Shaped[np.ndarray, "a level level b"], left, right, unit, bond: int) -> BondSplit:
    """U s V of a two-site tensor, one charge at a time; the `bond` largest s are kept and normalized."""
    a, levels, _, b = theta.shape
    rows, columns = row_and_column_charges(left, right, unit, levels)
    matrix, parts = theta.reshape(len(rows), len(columns)), []
    for charge in np.intersect1d(rows, columns):
        r, c = np.flatnonzero(rows == charge), np.flatnonzero(columns == charge)
        u, s, v = np.linalg.svd(matrix[np.ix_(r, c)], full_matrices=False)
        U, V = np.zeros((len(rows), len(s)), u.dtype), np.zeros((len(s), len(columns)), v.dtype)
        U[r], V[:, c] = u, v
        parts.append((U, s, V, np.full(len(s), charge)))
    U, s, V, charges = (np.concatenate(p, axis=k) for p, k in zip(zip(*parts, strict=True), (1, 0, 0, 0), strict=True))
    order = np.argsort(-s, kind="stable")[: min(bond, int((s > ROUND * s.max()).sum()))]
    discarded = 1 - float((s[order] ** 2).sum() / (s**2).sum())
    s_kept = s[order] / np.linalg.norm(s[order])
    U, V = U[:, order].reshape(a, levels, -1), V[order].reshape(-1, levels, b)
    return BondSplit(U, s_kept, V, charges[order], max(discarded, 0.0))


class TwoSites(NamedTuple):
    """H acting on two sites between their surroundings."""

    left: Tensor  # bra, w, ket
    w1: Tensor  # w, bra, ket, w
    w2: Tensor
    right: Tensor  # bra, w, ket

    def __call__(self, theta: Tensor) -> Tensor:
        """H θ of the two-site tensor θ [bond, level, level, bond]."""
        half = np.tensordot(np.tensordot(self.left, theta, 1), self.w1, ((1, 2), (0, 2)))  # a q b s w
        half = np.tensordot(half, self.w2, ((1, 4), (2, 0)))  # a b s t w
        return np.tensordot(half, self.right, ((1, 4), (2, 1)))


def grown_left(left: Tensor, A: Tensor, w: Tensor) -> Tensor:
    """One more site on the left: (bra, w, ket)."""
    half = np.tensordot(np.tensordot(left, A, 1), w, ((1, 2), (0, 2)))  # bra, ket, level, w
    return np.tensordot(A.conj(), half, ((0, 1), (0, 2))).transpose(0, 2, 1)


def grown_right(right: Tensor, A: Tensor, w: Tensor) -> Tensor:
    """One more site on the right: (bra, w, ket)."""
    half = np.tensordot(np.tensordot(A, right, (2, 2)), w, ((1, 3), (2, 3)))  # ket, bra, w, level
    return np.tensordot(A.conj(), half, ((1, 2), (3, 1))).transpose(0, 2, 1)


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
    return np.tensordot(np.linalg.eigh(T[: len(V), : len(V)])[1][:, 0], np.stack(V), 1)
