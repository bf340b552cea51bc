# SPDX-License-Identifier: Apache-2.0
"""An operator as a matrix: sparse, or matrix-free, as the product v -> A v."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse
from jaxtyping import Array, Int, Shaped

from isinglass.systems.quantum.hamiltonian import Hamiltonian, Products
from isinglass.systems.quantum.hilbert_space import HilbertSpace, LinTable, lin_table
from isinglass.systems.quantum.lattice_symmetry import check_symmetry
from isinglass.systems.quantum.symmetric_space import SymmetricSpace

__all__ = ["Block", "CodedMoves", "MatrixFree", "ProductsOfCodes", "dense", "diagonal", "sparse"]

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
        """The codes after move m, and <there|A|here>; with two levels, bits are flipped."""
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
        """Number type of the matrix elements."""
        return self.diagonal.dtype

    @property
    def n_moves(self) -> int:
        """How many ways there are to move."""
        return len(self.moves)

    def column(self, m: Int[Array, ""]) -> tuple[Int[Array, " dim"], Shaped[Array, " dim"]]:
        """The place of the state that move m leads to from each state n, and <there|A|n>."""
        there, weight = self.moves(m, self.codes)
        return there if self.table is None else jnp.clip(self.table(there), 0, self.dim - 1), weight

    def __call__(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
        """H v, one move after the other."""
        return summed(self, v)


@eqx.filter_jit
def diagonal(hamiltonian: Hamiltonian, codes: Int[Array, " n"]) -> Shaped[Array, " n"]:
    """<n|A|n> of each code."""
    return ProductsOfCodes(hamiltonian.diagonal, hamiltonian.space)(0, codes)


class Block(eqx.Module):
    """v -> H v on the basis of a symmetric space, from a table of what each state is connected with.

    <r'~|H|r~> = Σ_s <s|H|r> f(s) / √<r|P|r>, over the states s whose representative is r', P|s> = f(s) |r'~>.
    Memory: dim x moves numbers and places.  Law: the levels of all blocks together are those of the space.
    """

    diagonal: Shaped[Array, " dim"]
    places: Int[Array, "M dim"]
    weights: Shaped[Array, "M dim"]

    def __init__(self, hamiltonian: Hamiltonian, symmetric: SymmetricSpace):
        check_symmetry(hamiltonian, symmetric.group)
        codes = jnp.asarray(symmetric.codes)
        self.diagonal = diagonal(hamiltonian, codes)
        self.places, self.weights = connections(CodedMoves(hamiltonian), symmetric, codes)

    @property
    def dim(self) -> int:
        """The number of basis states."""
        return len(self.diagonal)

    @property
    def dtype(self) -> Any:
        """Number type of the matrix elements."""
        return self.weights.dtype

    @property
    def n_moves(self) -> int:
        """How many ways there are to move."""
        return len(self.places)

    def column(self, m: Int[Array, ""]) -> tuple[Int[Array, " dim"], Shaped[Array, " dim"]]:
        """Where move m leads from each state, and the matrix element."""
        return self.places[m], self.weights[m]

    def __call__(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
        """H v, one move after the other."""
        return summed(self, v)


@eqx.filter_jit
def connections(moves: CodedMoves, symmetric: SymmetricSpace, codes: Int[Array, " n"]):
    """The states that all moves lead to, by place in the basis, and the matrix elements."""
    length = jnp.sqrt(jnp.asarray(symmetric.norms))
    if not len(moves):  # H is diagonal
        return jnp.zeros((0, len(codes)), jnp.int32), jnp.zeros((0, len(codes)), length.dtype)

    def one(m):
        there, weight = moves(m, codes)
        place, factor = symmetric.locate(there)
        dtype = np.result_type(weight.dtype, factor.dtype)
        return place.astype(jnp.int32), weight.astype(dtype) * factor.astype(dtype) / length.astype(dtype)

    return jax.lax.map(one, jnp.arange(len(moves)))


def summed(product, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
    """(H v)_n = H_nn v_n + Σ_m H_{n'n}* v_n', n' = where move m leads from n: H is Hermitian."""

    def add(m, total):
        place, weight = product.column(m)
        return total + weight.conj().astype(v.dtype) * v[place]

    kept = product.diagonal.astype(v.dtype) * v
    return jax.lax.fori_loop(0, product.n_moves, add, kept) if product.n_moves else kept


@eqx.filter_jit
def columns(product):
    """Where each move leads from each state, and the matrix elements."""
    if not product.n_moves:
        return jnp.zeros((0, product.dim), jnp.int64), jnp.zeros((0, product.dim), product.dtype)
    return jax.lax.map(product.column, jnp.arange(product.n_moves))


def sparse(operator: Hamiltonian | MatrixFree | Block) -> scipy.sparse.csr_array:
    """The matrix of H on the basis states of its space, or of a block."""
    product = MatrixFree(operator) if isinstance(operator, Hamiltonian) else operator
    place, weights = (np.asarray(a) for a in columns(product))
    here = np.tile(np.arange(product.dim), len(place))
    off = scipy.sparse.csr_array((weights.ravel(), (place.ravel(), here)), (product.dim, product.dim))
    matrix = (off + scipy.sparse.diags_array(np.asarray(product.diagonal))).tocsr()
    matrix.eliminate_zeros()
    return matrix


def dense(operator: Hamiltonian | MatrixFree | Block) -> Shaped[np.ndarray, "dim dim"]:
    """The whole matrix, for small spaces."""
    return sparse(operator).toarray()
