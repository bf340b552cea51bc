# SPDX-License-Identifier: Apache-2.0
"""A sparse operator in its Hilbert space, by its moves: H|n> = Σ_m w_m(n) |n + s_m>."""

import cmath
from itertools import islice
from math import hypot, prod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.errors import InputError
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.operator import LETTERS, Operator, Word, local_matrix

__all__ = ["Hamiltonian", "Products", "canonical", "collected", "word_text"]

ROUND = 1e-14  # what is left of a sum counts as zero below this share of its terms
MOST_LETTERS = 5_000_000  # of all products of basis matrices
MOST_BYTES = 1 << 33  # of the tables
MOST_TRIED = 1 << 20  # levels of the sites of one move, tried in a sector
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
    without its adjoint, or one that leaves the sector; InputError for tables that do not fit into memory.
    """

    space: HilbertSpace
    operator: Operator = eqx.field(static=True)
    diagonal: Products  # <n|H|n>
    moves: Products  # <n + s_m|H|n>, one row per move m
    moved: Int[np.ndarray, "M C"]  # the sites that a move changes, padded with sites of shift 0
    shifts: Int[np.ndarray, "M C"]  # s_m at these sites, modulo d

    def __init__(self, operator: Operator, space: HilbertSpace, *, hermitian: bool = True):
        sums = collected(operator, space)
        if hermitian:
            check_hermitian(sums)
        words = kept(sums)
        elements = {name: element(name, space.levels) for name in {name for word in words for _, name in word}}
        groups: dict[tuple, list] = {}
        for word, c in words.items():
            factors = [(i, *elements[name]) for i, name in word]
            shift = tuple((i, s) for i, s, _, _ in factors if s)
            phase = prod(p for _, _, _, p in factors)
            signs = [i for i, name in word if name in ("Y", "Z")]
            tables = [(i, f) for i, _, f, _ in factors if f is not None]
            groups.setdefault(shift, []).append((c * phase, signs, tables))
        for shift, terms in groups.items():
            check_sector(shift, terms, space)
        diagonal = groups.pop((), [])
        every = (c for group in [diagonal, *groups.values()] for c, _, _ in group)
        dtype = float if all(abs(c.imag) <= ROUND * abs(c) for c in every) else complex
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
    others = ((i, 0) for i in range(n_sites) if i not in moving)
    return [*shift, *islice(others, width - len(shift))]


def element(name, d: int) -> tuple[int, Float[np.ndarray, " d"] | None, complex]:
    """A basis matrix as (shift of n, function of n, phase): Pauli matrices as signs, others as |row><column|."""
    if isinstance(name, str):
        return int(name in "XY"), None, 1j if name == "Y" else 1.0
    row, column = name
    return (row - column) % d, np.eye(d)[column], 1.0


def canonical(operator: Operator, space: HilbertSpace) -> dict[tuple, complex]:
    """Coefficients in an orthogonal basis of products: Pauli matrices for two levels, |row><column| for more.

    Fermions by the Jordan-Wigner transformation: c_j = Π_{k<j} (-1)^{n_k} |0><1|.  Small coefficients are kept; what
    round-off leaves of terms that cancel is not.
    """
    return kept(collected(operator, space))


def kept(sums: dict[tuple, tuple[complex, float]]) -> dict[tuple, complex]:
    """The sums that are more than round-off."""
    return {word: c for word, (c, size) in sums.items() if abs(c) > ROUND * size}


def collected(operator: Operator, space: HilbertSpace) -> dict[tuple, tuple[complex, float]]:
    """(Σ c, Σ |c|) of each product of `canonical`.

    Errors: ValueError for a letter of another space; InputError for a coefficient that is not finite, and for more
    products than fit into memory.
    """
    known: dict[tuple[str, ...], list[tuple]] = {}
    factors, letters = [], 0
    for word, c in operator.terms.items():
        if not cmath.isfinite(c):
            raise InputError(
                "finite coefficients", f"{c:g} of {word_text(tuple((i, a) for a, i in word))}", "scale them"
            )
        for name, site in word:
            check_letter(name, site, space)
        local = {}
        for site, names in local_words(word).items():
            if names not in known:
                known[names] = expanded(names, space.levels)
            local[site] = known[names]
        factors.append((c, local))
        letters += prod(map(len, local.values())) * max(1, len(local))
        if letters > MOST_LETTERS:
            found = f"{letters:,} or more, the first {len(factors):,} of {len(operator.terms):,} terms"
            raise InputError(
                f"at most {MOST_LETTERS:,} factors in the basis of |row><column|", found, "use fewer terms"
            )
    sums: dict[tuple, tuple[complex, float]] = {}
    for c, local in factors:
        products = [((), c)]
        for site, parts in sorted(local.items()):
            products = [
                (word if name == "I" else (*word, (site, name)), a * b) for word, a in products for name, b in parts
            ]
        for word, a in products:
            total, size = sums.get(word, (0, 0.0))
            sums[word] = total + a, size + hypot(a.real, a.imag)
    if odd := next((c for c, size in sums.values() if not cmath.isfinite(c + size)), None):
        raise InputError("terms with a finite sum", f"{odd:g}", "scale them")
    return {word: (complex(c), size) for word, (c, size) in sums.items()}


def local_words(word: Word) -> dict[int, tuple[str, ...]]:
    """The letters at each site, left to right; "P" = (-1)^n of the Jordan-Wigner strings of c and cdag."""
    strung = [site for name, site in word if name in ("c", "cdag")]
    found, last = {}, -1
    for here in sorted({site for _, site in word}):
        if sum(site >= here for site in strung) % 2:
            found |= dict.fromkeys(range(last + 1, here), ("P",))
        passing = ((name, site) for name, site in word if site == here or (name in ("c", "cdag") and site > here))
        found[here] = tuple(name if site == here else "P" for name, site in passing)
        last = here
    return found


def expanded(names: tuple[str, ...], d: int) -> list[tuple]:
    """Coefficients of a product of letters at one site in the basis of `canonical`."""
    matrix = np.eye(d, dtype=complex)
    for name in names:
        matrix = matrix @ (PAULI["Z"] if name == "P" else local_matrix(name, d))
    size = np.abs(matrix).max()
    if d == 2:
        parts = [(name, np.trace(np.asarray(P) @ matrix) / 2) for name, P in PAULI.items()]
    elif np.abs(matrix - matrix[0, 0] * np.eye(d)).max() <= ROUND * size:
        parts = [("I", matrix[0, 0])]
    else:
        parts = [((row, column), matrix[row, column]) for row in range(d) for column in range(d)]
    return [(name, complex(value)) for name, value in parts if abs(value) > ROUND * size]


def check_letter(name: str, site: int, space: HilbertSpace) -> None:
    """Errors: ValueError for an operator of another kind of space, or a site out of range."""
    if site >= space.n_sites:
        raise ValueError(f"Expected sites 0 to {space.n_sites - 1}, found {name}({site}); fix this term.")
    kind = LETTERS[name][0]
    if kind != space.kind and not (kind == "particle" and space.kind != "spin"):
        raise ValueError(f"Expected operators of a {space.kind}, found {name}({site}) of a {kind}; fix this term.")


def check_hermitian(sums: dict[tuple, tuple[complex, float]]) -> None:
    """Errors: ValueError for a term whose adjoint is missing."""
    for word, (c, size) in sums.items():
        adjoint = tuple((i, name if isinstance(name, str) else name[::-1]) for i, name in word)
        other, _ = sums.get(adjoint, (0.0, 0.0))
        if abs(other - np.conj(c)) > 1e-12 * size:
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
        index = {i: k for k, (i, _) in enumerate(touched)}
        if space.levels ** len(index) > MOST_TRIED:
            found = f"one that changes {len(index)} sites"
            raise InputError(f"terms of at most {MOST_TRIED:,} levels in a sector", found, "leave the sector open")
        levels = np.indices([space.levels] * len(index)).reshape(len(index), -1).T
        after = (levels + [s for _, s in touched]) % space.levels
        leaving = levels[(after - levels).sum(1) != 0]
        rest: dict[tuple, np.ndarray] = {}  # terms with the same function elsewhere must cancel
        largest = 0.0
        for c, signs, tables in terms:
            value = c * (-1.0) ** leaving[:, [index[i] for i in signs if i in index]].sum(axis=1)
            for i, f in tables:
                if i in index:
                    value = value * f[leaving[:, index[i]]]
            key = (tuple(i for i in signs if i not in index), tuple((i, tuple(f)) for i, f in tables if i not in index))
            rest[key] = rest.get(key, 0) + value
            largest = max(largest, np.abs(value).max(initial=0.0))
        if any(np.abs(value).max(initial=0.0) > 1e-12 * largest for value in rest.values()):
            raise ValueError(
                f"Expected terms that keep the sum of n over sites {sites[0]} to {sites[-1]}, found one that "
                f"changes sites {list(index)} by {(after - levels)[0].tolist()}; leave the sector open or fix the term."
            )


def stacked(groups: list[list], space: HilbertSpace, dtype, *, drop: bool = False) -> Products:
    """Groups padded to equal numbers of terms and factors by c = 0 and f = 1; `drop`: one group, no axis."""
    T = max([len(g) for g in groups], default=0)
    K = max([len(tables) for g in groups for _, _, tables in g], default=0)
    size = len(groups) * T * (16 + space.n_sites + K * (4 + 8 * space.levels))
    if size > MOST_BYTES:
        found = f"{len(groups):,} moves of up to {T:,} terms on {space.n_sites:,} sites, {size / 2**30:.3g} GiB"
        raise InputError(f"tables of at most {MOST_BYTES >> 30} GiB", found, "use fewer sites or terms")
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
