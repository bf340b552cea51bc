# SPDX-License-Identifier: Apache-2.0
"""A sparse operator in its Hilbert space, by its moves: H|n> = Σ_m w_m(n) |n + s_m>."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.operator import LETTERS, Operator, local_matrix

__all__ = ["Hamiltonian", "Products", "canonical", "word_text"]

ROUND = 1e-14  # coefficients below count as zero
PAULI = {"I": np.eye(2), "X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}


class Products(eqx.Module):
    """w(n) = Σ_t c_t (-1)^{Σ_i z_ti n_i} Π_k f_tk(n at site_tk): sums of products of single-site functions."""

    c: Shaped[np.ndarray, "*m T"]
    signs: Int[np.ndarray, "*m T N"]  # z
    sites: Int[np.ndarray, "*m T K"]
    tables: Shaped[np.ndarray, "*m T K d"]  # f

    def __call__(self, n: Int[Array, " N"]) -> Shaped[Array, "*m"]:
        """w(n) of one basis state; parities by a matrix product, exact for small integers."""
        odd = jnp.mod(jnp.asarray(self.signs, jnp.float32) @ n.astype(jnp.float32), 2.0)
        c = jnp.asarray(self.c)
        terms = c * (1 - 2 * odd).astype(c.dtype)
        if self.sites.shape[-1]:
            levels = n[self.sites].astype(jnp.int32)
            values = jnp.take_along_axis(jnp.asarray(self.tables), levels[..., None], axis=-1)[..., 0]
            terms = terms * values.prod(-1).astype(c.dtype)
        return terms.sum(-1)


class Hamiltonian(eqx.Module):
    """H = Σ of local terms on a Hilbert space.  Law: Hermitian; conserves the sums of n that define the sector.

    Errors: ValueError that names the term, for a site out of range, an operator of another kind of space, a term
    without its adjoint, or one that leaves the sector.
    """

    space: HilbertSpace
    operator: Operator = eqx.field(static=True)
    diagonal: Products  # <n|H|n>
    moves: Products  # <n + s_m|H|n>, one row per move m
    moved: Int[np.ndarray, "M C"]  # the sites that a move changes, padded with sites of shift 0
    shifts: Int[np.ndarray, "M C"]  # s_m at these sites, modulo d

    def __init__(self, operator: Operator, space: HilbertSpace, *, hermitian: bool = True):
        words = canonical(operator, space)
        if hermitian:
            check_hermitian(words, space)
        groups: dict[tuple, list] = {}
        for word, c in words.items():
            factors = {i: element(name, space.levels) for i, name in word}
            shift = tuple((i, s) for i, (s, _, _) in sorted(factors.items()) if s)
            phase = np.prod([p for _, _, p in factors.values()]) if factors else 1.0
            signs = [i for i, name in word if name in ("Y", "Z")]
            tables = [(i, f) for i, (_, f, _) in factors.items() if f is not None]
            groups.setdefault(shift, []).append((c * phase, signs, tables))
        for shift, terms in groups.items():
            check_sector(shift, terms, space)
        diagonal = groups.pop((), [])
        dtype = float if all(abs(c.imag) < ROUND for g in [diagonal, *groups.values()] for c, _, _ in g) else complex
        self.space, self.operator = space, operator
        self.diagonal = stacked([diagonal], space, dtype, drop=True)
        self.moves = stacked(list(groups.values()), space, dtype)
        width = max([len(shift) for shift in groups], default=1)
        table = np.array([filled(shift, width, space.n_sites) for shift in groups], np.int32).reshape(-1, width, 2)
        self.moved, self.shifts = table[..., 0], table[..., 1]

    @property
    def is_real(self) -> bool:
        """Whether all matrix elements are real."""
        return not np.iscomplexobj(self.moves.c)

    def weights(self, n: Int[Array, " N"]) -> tuple[Shaped[Array, ""], Shaped[Array, " M"]]:
        """<n|H|n>, and <n + s_m|H|n> for each move."""
        return self.diagonal(n), self.moves(n)

    def connected(self, n: Int[Array, " N"]) -> Int[Array, "M N"]:
        """n + s_m for each move; where the matrix element is zero, it may lie outside the sector."""
        here = n[self.moved].astype(jnp.int32)
        change = (jnp.mod(here + self.shifts, self.space.levels) - here).astype(n.dtype)
        return jax.vmap(lambda sites, change: n.at[sites].add(change))(jnp.asarray(self.moved), change)

    def connected_codes(self, n: Int[Array, " N"], code: Int[Array, ""]) -> Int[Array, " M"]:
        """The codes of n + s_m for each move, from n and its code."""
        here = n[self.moved].astype(jnp.int64)
        change = jnp.mod(here + self.shifts.astype(np.int64), self.space.levels) - here
        return code + (change * jnp.asarray(self.space.radix)[self.moved]).sum(-1)


def filled(shift: tuple, width: int, n_sites: int) -> list[tuple[int, int]]:
    """`width` sites with their shifts: those that move, then others with shift 0."""
    moving = {i for i, _ in shift}
    others = [(i, 0) for i in range(n_sites) if i not in moving]
    return [*shift, *others][:width]


def element(name, d: int) -> tuple[int, Float[np.ndarray, " d"] | None, complex]:
    """A basis matrix as (shift of n, function of n, phase): Pauli matrices as signs, others as |row><column|."""
    if isinstance(name, str):
        return int(name in "XY"), None, 1j if name == "Y" else 1.0
    row, column = name
    return (row - column) % d, np.eye(d)[column], 1.0


def canonical(operator: Operator, space: HilbertSpace) -> dict[tuple, complex]:
    """Coefficients in an orthogonal basis of products: Pauli matrices for two levels, |row><column| for more.

    Fermions by the Jordan-Wigner transformation: c_j = Π_{k<j} (-1)^{n_k} |0><1|.
    """
    words: dict[tuple, complex] = {}
    for word, c in operator.terms.items():
        matrices: dict[int, np.ndarray] = {}
        for name, site in word:
            check_letter(name, site, space)
            if name in ("c", "cdag"):
                for k in range(site):
                    matrices[k] = matrices.get(k, np.eye(2)) @ PAULI["Z"]
            matrices[site] = matrices.get(site, np.eye(space.levels)) @ local_matrix(name, space.levels)
        products = [((), c)]
        for site, matrix in sorted(matrices.items()):
            parts = expanded(matrix, space.levels)
            products = [
                (known if name == "I" else (*known, (site, name)), a * b) for known, a in products for name, b in parts
            ]
        for key, a in products:
            words[key] = words.get(key, 0) + a
    return {word: complex(c) for word, c in words.items() if abs(c) > ROUND}


def expanded(matrix: Shaped[np.ndarray, "d d"], d: int) -> list[tuple]:
    """Coefficients of one d x d matrix in the basis of `canonical`."""
    if d == 2:
        parts = [(name, np.trace(np.asarray(P) @ matrix) / 2) for name, P in PAULI.items()]
    elif np.abs(matrix - matrix[0, 0] * np.eye(d)).max() < ROUND:
        parts = [("I", matrix[0, 0])]
    else:
        parts = [((row, column), matrix[row, column]) for row in range(d) for column in range(d)]
    return [(name, value) for name, value in parts if abs(value) > ROUND]


def check_letter(name: str, site: int, space: HilbertSpace) -> None:
    """Errors: ValueError for an operator of another kind of space, or a site out of range."""
    if site >= space.n_sites:
        raise ValueError(f"Expected sites 0 to {space.n_sites - 1}, found {name}({site}); fix this term.")
    kind = LETTERS[name][0]
    if kind != space.kind and not (kind == "particle" and space.kind != "spin"):
        raise ValueError(f"Expected operators of a {space.kind}, found {name}({site}) of a {kind}; fix this term.")


def check_hermitian(words: dict[tuple, complex], space: HilbertSpace) -> None:
    """Errors: ValueError for a term whose adjoint is missing."""
    for word, c in words.items():
        adjoint = tuple((i, name if isinstance(name, str) else name[::-1]) for i, name in word)
        if abs(words.get(adjoint, 0) - np.conj(c)) > 1e-12 * max(1.0, abs(c)):
            raise ValueError(
                f"Expected a Hermitian operator, found {c:.6g} {word_text(word)} without its adjoint; "
                "add the adjoint of this term."
            )


def word_text(word: tuple) -> str:
    """A product of letters as text, such as "Z(0) Z(1)"."""
    names = (f"{name if isinstance(name, str) else f'|{name[0]}><{name[1]}|'}({i})" for i, name in word)
    return " ".join(names) or "identity"


def check_sector(shift: tuple, terms: list, space: HilbertSpace) -> None:
    """Errors: ValueError for a move that changes a conserved sum, tried on all levels of the sites involved."""
    for sites, _ in space.conserved:
        touched = [(i, s) for i, s in shift if i in sites]
        if not touched:
            continue
        index = [i for i, _ in touched]
        levels = np.indices([space.levels] * len(index)).reshape(len(index), -1).T
        after = (levels + [s for _, s in touched]) % space.levels
        leaves = levels[(after - levels).sum(1) != 0]
        for n in leaves:
            # terms with the same function elsewhere must cancel
            rest: dict[tuple, complex] = {}
            for c, signs, tables in terms:
                sign = (-1) ** sum(int(n[index.index(i)]) for i in signs if i in index)
                value = c * sign * np.prod([f[n[index.index(i)]] for i, f in tables if i in index] or [1.0])
                key = (tuple(i for i in signs if i not in index),
                       tuple((i, tuple(f)) for i, f in tables if i not in index))  # fmt: skip
                rest[key] = rest.get(key, 0) + value
            if max(abs(v) for v in rest.values()) > 1e-12:
                raise ValueError(
                    f"Expected terms that keep the sum of n over sites {sites[0]} to {sites[-1]}, found one that "
                    f"changes sites {index} by {(after - levels)[0].tolist()}; leave the sector open or fix the term."
                )


def stacked(groups: list[list], space: HilbertSpace, dtype, *, drop: bool = False) -> Products:
    """Groups padded to equal numbers of terms and factors by c = 0 and f = 1; `drop`: one group, no axis."""
    T = max([len(g) for g in groups], default=0)
    K = max([len(tables) for g in groups for _, _, tables in g], default=0)
    c = np.zeros((len(groups), T), dtype)
    signs = np.zeros((len(groups), T, space.n_sites), np.int8)
    sites = np.zeros((len(groups), T, K), np.int32)
    tables = np.ones((len(groups), T, K, space.levels))
    for m, group in enumerate(groups):
        for t, (coefficient, odd, functions) in enumerate(group):
            c[m, t] = coefficient if dtype is complex else coefficient.real
            signs[m, t, odd] = 1
            for k, (i, f) in enumerate(functions):
                sites[m, t, k], tables[m, t, k] = i, f
    if drop:
        return Products(c[0], signs[0], sites[0], tables[0])
    return Products(c, signs, sites, tables)
