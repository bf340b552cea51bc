# SPDX-License-Identifier: Apache-2.0
"""An operator as a matrix: sparse, or as the product A v without any matrix."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
from jaxtyping import Array, Int, Shaped

from isinglass.systems.hamiltonian import Hamiltonian, Products
from isinglass.systems.hilbert_space import HilbertSpace, LinTable, lin_table

__all__ = ["CodedMoves", "MatrixFree", "ProductsOfCodes", "dense", "diagonal", "sparse"]

FEW = 8  # terms that are compiled one after the other, into one pass over the codes


class ProductsOfCodes(eqx.Module):
    """The functions w(n) of `Products`, of many codes at once and without unpacking them into n.

    Two levels: w = Σ_t c_t (-1)^{number of ones of (code and z_t)}.  More: Σ_t c_t Π_k f_tk(digit at site_tk).
    """

    c: Shaped[Array, "M T"]
    ones: Int[Array, "M T"]  # z as a code
    places: Int[Array, "M T K"]  # d^site
    tables: Shaped[Array, "M T K d"]

    def __init__(self, products: Products, space: HilbertSpace):
        self.c = jnp.atleast_2d(jnp.asarray(products.c))
        shape, radix = self.c.shape, jnp.asarray(space.radix)
        self.ones = (jnp.asarray(products.signs, jnp.int64) @ radix).reshape(shape)
        self.places = radix[products.sites].reshape(*shape, products.sites.shape[-1])
        self.tables = jnp.asarray(products.tables).reshape(*self.places.shape, space.levels)

    def __call__(self, m: int | Int[Array, ""], codes: Int[Array, " n"]) -> Shaped[Array, " n"]:
        """w_m of each code, one term after the other."""
        c, ones, places, tables = self.c[m], self.ones[m], self.places[m], self.tables[m]
        d = tables.shape[-1]

        def add(t, total):
            odd = jax.lax.population_count(codes & ones[t]) & 1
            value = c[t] * (1 - 2 * odd).astype(c.dtype)
            for k in range(places.shape[-1]):
                value = value * tables[t, k][codes // places[t, k] % d].astype(c.dtype)
            return total + value

        total = jnp.zeros(codes.shape, c.dtype)
        if len(c) > FEW:
            return jax.lax.fori_loop(0, len(c), add, total)
        for t in range(len(c)):
            total = add(t, total)
        return total


class CodedMoves(eqx.Module):
    """What a Hamiltonian connects many codes with, a move at a time.  Law: that of `Hamiltonian.connected_codes`."""

    weights: ProductsOfCodes
    places: Int[Array, "M C"]  # d^site of the sites that a move changes
    shifts: Int[Array, "M C"]
    levels: int = eqx.field(static=True)

    def __init__(self, hamiltonian: Hamiltonian):
        space = hamiltonian.space
        self.weights = ProductsOfCodes(hamiltonian.moves, space)
        self.places = jnp.asarray(space.radix[hamiltonian.moved])
        self.shifts = jnp.asarray(hamiltonian.shifts, jnp.int64)
        self.levels = space.levels

    def __len__(self) -> int:
        return len(self.places)

    def __call__(self, m: Int[Array, ""], codes: Int[Array, " n"]) -> tuple[Int[Array, " n"], Shaped[Array, " n"]]:
        """The codes after move m, and <there|A|here>; with two levels, bits are turned over."""
        places, shifts, there = self.places[m], self.shifts[m], codes
        if self.levels == 2:
            there = codes ^ (places * shifts).sum()
        else:
            for k in range(len(places)):
                here = codes // places[k] % self.levels
                there = there + (jnp.mod(here + shifts[k], self.levels) - here) * places[k]
        return there, self.weights(m, codes)


class MatrixFree(eqx.Module):
    """v -> A v on the basis states of a space, in their order; of A only the diagonal is kept.

    Cost: dim x moves x terms of a move, in a few passes over vectors: 8 ms for the 20 spin flips of 2^20 states on two
    cores.  Memory: three vectors.  Law: <a|Hb> = <b|Ha>*.
    """

    codes: Int[Array, " dim"]
    diagonal: Shaped[Array, " dim"]
    moves: CodedMoves
    table: LinTable | None  # None: the code is the place

    def __init__(self, hamiltonian: Hamiltonian):
        space = hamiltonian.space
        states = space.states()
        self.codes, self.moves = jnp.asarray(states), CodedMoves(hamiltonian)
        self.table = lin_table(space, states) if space.conserved else None
        self.diagonal = diagonal(hamiltonian, self.codes)

    @property
    def dim(self) -> int:
        """The number of basis states."""
        return len(self.codes)

    @property
    def dtype(self) -> Any:
        """Of the matrix elements."""
        return self.diagonal.dtype

    def column(self, m: Int[Array, ""]) -> tuple[Int[Array, " dim"], Shaped[Array, " dim"]]:
        """The place of the state that move m leads to from each state n, and <there|A|n>."""
        there, weight = self.moves(m, self.codes)
        return there if self.table is None else jnp.clip(self.table(there), 0, self.dim - 1), weight

    def __call__(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
        """H v, one move after the other.  Hermitian: <n|H|n'> = <n'|H|n>*."""

        def add(m, total):
            place, weight = self.column(m)
            return total + weight.conj().astype(v.dtype) * v[place]

        return jax.lax.fori_loop(0, len(self.moves), add, self.diagonal.astype(v.dtype) * v)


@eqx.filter_jit
def diagonal(hamiltonian: Hamiltonian, codes: Int[Array, " n"]) -> Shaped[Array, " n"]:
    """<n|A|n> of each code."""
    return ProductsOfCodes(hamiltonian.diagonal, hamiltonian.space)(0, codes)


def sparse(hamiltonian: Hamiltonian) -> scipy.sparse.csr_array:
    """The matrix of H on the basis states of its space."""
    product = MatrixFree(hamiltonian)
    columns = eqx.filter_jit(lambda p: jax.lax.map(p.column, jnp.arange(len(p.moves))))
    place, weights = (np.asarray(a) for a in columns(product))
    here = np.tile(np.arange(product.dim), len(place))
    off = scipy.sparse.csr_array((weights.ravel(), (place.ravel(), here)), (product.dim, product.dim))
    matrix = (off + scipy.sparse.diags_array(np.asarray(product.diagonal))).tocsr()
    matrix.eliminate_zeros()
    return matrix


def dense(hamiltonian: Hamiltonian) -> Shaped[np.ndarray, "dim dim"]:
    """The whole matrix, for small spaces."""
    return sparse(hamiltonian).toarray()
