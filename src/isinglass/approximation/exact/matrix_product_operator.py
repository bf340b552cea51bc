# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian as a product of matrices of operators, compressed.  Hubig et al. 2017, arXiv:1611.02498."""

import numpy as np
from jaxtyping import Complex, Float, Shaped

from isinglass.systems.quantum.hamiltonian import PAULI, Hamiltonian, canonical
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["matrix_product_operator"]

Term = tuple[complex, dict[int, Shaped[np.ndarray, "d d"]]]  # coefficient, and the matrix at each site that has one
SMALL = 1e-13  # singular values below it, relative to the largest, count as zero


def matrix_product_operator(hamiltonian: Hamiltonian) -> list[Shaped[np.ndarray, "_ d d _"]]:
    """W with <n|H|n'> = Π_i W_i[n_i, n'_i], in all sectors.

    Law: equal to H to round-off.  Cost: N terms² x bond d², bond that of the compressed product.
    """
    space = hamiltonian.space
    terms: list[Term] = [
        as_matrices(word, c, space.levels) for word, c in canonical(hamiltonian.operator, space).items()
    ]
    if hamiltonian.is_real and not any(c.imag for c, _ in terms):
        terms = [(c.real, factors) for c, factors in terms]
    return compressed(terms, space)


def as_matrices(word: tuple, c: complex, d: int) -> Term:
    """Pauli letters, or |row><column|, as matrices; iY in place of Y, which is real."""
    letters = {"X": PAULI["X"], "Y": [[0, 1], [-1, 0]], "Z": PAULI["Z"]}
    c = c * (-1j) ** sum(name == "Y" for _, name in word)
    unit = lambda row, column: np.eye(d)[:, [row]] * np.eye(d)[column]  # noqa: E731
    return c, {i: np.array(letters[name], float) if isinstance(name, str) else unit(*name) for i, name in word}


def compressed(terms: list[Term], space: HilbertSpace) -> list[Shaped[np.ndarray, "_ d d _"]]:
    """Singular values from left to right and back, of operators normalized so that the identity has length 1."""
    d, N = space.levels, space.n_sites
    rest = np.array([[c for c, _ in terms]])  # what is still to come of each term
    W = []
    for i in range(N):
        local = np.stack([factors.get(i, np.eye(d)).ravel() / d**0.5 for _, factors in terms])
        block = np.einsum("at,tp->apt", rest, local).reshape(-1, len(terms))
        if i == N - 1:
            W.append(block.sum(axis=1).reshape(-1, d * d, 1))
            break
        U, rest = split(block)
        W.append(U.reshape(-1, d * d, U.shape[1]))
    for i in range(N - 1, 0, -1):
        V, carry = split(W[i].reshape(W[i].shape[0], -1).T)
        W[i] = V.T.reshape(-1, *W[i].shape[1:])
        W[i - 1] = np.tensordot(W[i - 1], carry.T, 1)
    return [d**0.5 * w.reshape(w.shape[0], d, d, w.shape[2]) for w in W]


def split(matrix: Float[np.ndarray, "m n"] | Complex[np.ndarray, "m n"]) -> tuple[np.ndarray, np.ndarray]:
    """An orthogonal factor and the rest, without what is round-off."""
    U, s, V = np.linalg.svd(matrix, full_matrices=False)
    keep = max(1, int((s > SMALL * s[0]).sum()))
    return U[:, :keep], s[:keep, None] * V[:keep]
