# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian as a matrix: sparse, or as the product H v without any matrix."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
from jaxtyping import Array, Int, Shaped

from isinglass.systems.hamiltonian import Hamiltonian

__all__ = ["MatrixFree", "dense", "sparse"]


class MatrixFree(eqx.Module):
    """v -> H v on the basis states of the space, in their order; nothing of the size of H is kept.

    Cost: dim x moves x (terms of a move + log dim), a chunk of states at a time.  Law: <a|Hb> = <b|Ha>*.
    """

    hamiltonian: Hamiltonian
    codes: Int[Array, " dim"]
    chunk: int = eqx.field(static=True, default=1 << 14)

    def __init__(self, hamiltonian: Hamiltonian, chunk: int = 1 << 14):
        self.hamiltonian, self.chunk = hamiltonian, chunk
        self.codes = jnp.asarray(hamiltonian.space.states())

    @property
    def dim(self) -> int:
        """The number of basis states."""
        return len(self.codes)

    def rows(self, code: Int[Array, ""]) -> tuple[Shaped[Array, ""], Int[Array, " M"], Shaped[Array, " M"]]:
        """<n|H|n>, the places of the states that n is connected with, and <n|H|there>."""
        n = self.hamiltonian.space.decode(code)
        diagonal, weights = self.hamiltonian.weights(n)
        there = self.hamiltonian.connected_codes(n, code)
        whole = not self.hamiltonian.space.conserved
        place = there if whole else jnp.searchsorted(self.codes, there)
        return diagonal, jnp.clip(place, 0, self.dim - 1), weights.conj()  # Hermitian: <n|H|n'> = <n'|H|n>*

    def __call__(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
        """H v."""

        def one(state):
            code, here = state
            diagonal, place, weights = self.rows(code)
            return diagonal.astype(v.dtype) * here + weights.astype(v.dtype) @ v[place]

        return jax.lax.map(one, (self.codes, v), batch_size=self.chunk)


def sparse(hamiltonian: Hamiltonian) -> scipy.sparse.csr_array:
    """The matrix of H on the basis states of its space."""
    product = MatrixFree(hamiltonian)
    rows = eqx.filter_jit(lambda p: jax.lax.map(p.rows, p.codes, batch_size=p.chunk))
    diagonal, place, weights = (np.asarray(a) for a in rows(product))
    here = np.repeat(np.arange(product.dim), place.shape[1])
    off = scipy.sparse.csr_array((weights.ravel(), (here, place.ravel())), (product.dim, product.dim))
    matrix = (off + scipy.sparse.diags_array(diagonal)).tocsr()
    matrix.eliminate_zeros()
    return matrix


def dense(hamiltonian: Hamiltonian) -> Shaped[np.ndarray, "dim dim"]:
    """The whole matrix, for small spaces."""
    return sparse(hamiltonian).toarray()
