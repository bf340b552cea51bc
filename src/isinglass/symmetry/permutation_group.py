# SPDX-License-Identifier: Apache-2.0
"""Finite groups of permutations of sites, with or without a flip of all levels; their characters of one dimension.

(U_g n) at site p_g(i) is n_i, or d - 1 - n_i where g flips; so U_g U_h = U_gh with p_gh(i) = p_g(p_h(i)).
"""

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Complex, Int

__all__ = ["PermutationGroup", "characters", "direct_product", "flip", "generated", "taking"]

MOST = 20_000  # elements


class PermutationGroup(eqx.Module):
    """The elements g of a group; the first is the identity.  Law: closed under multiplication."""

    sites: Int[np.ndarray, "G N"]  # p_g(i)
    flips: Bool[np.ndarray, " G"]

    def __len__(self) -> int:
        return len(self.sites)

    def rows(self) -> Int[np.ndarray, "G N1"]:
        """Each element as one row of whole numbers."""
        return np.column_stack([self.sites, self.flips]).astype(np.int64)

    def table(self) -> Int[np.ndarray, "G G"]:
        """Multiplication table: the number of the element g h.

        Errors: ValueError where it is not among the elements.
        """
        rows = self.rows()
        place = {row.tobytes(): g for g, row in enumerate(rows)}
        try:
            return np.array([[place[gh.tobytes()] for gh in product(g[None], rows)] for g in rows])
        except KeyError:
            raise ValueError(
                f"Expected permutations closed under multiplication, found {len(self)} that are not; "
                "complete them with `generated`."
            ) from None

    def generators(self, table: Int[np.ndarray, "G G"]) -> list[int]:
        """A few elements that generate the group."""
        found, known = [], np.zeros(1, int)
        for g in range(len(self)):
            if g not in known:
                found.append(g)
                known = closed(np.append(known, g), table)
        return found


def product(a: Int[np.ndarray, "n N1"], b: Int[np.ndarray, "m N1"]) -> Int[np.ndarray, "nm N1"]:
    """Every a times every b, as rows."""
    sites = a[:, b[:, :-1]]
    flips = a[:, None, -1:] ^ b[None, :, -1:]
    return np.concatenate([sites, flips], axis=-1).reshape(-1, a.shape[1])


def closed(some: Int[np.ndarray, " n"], table: Int[np.ndarray, "G G"]) -> Int[np.ndarray, " m"]:
    """The subgroup that some elements generate."""
    while True:
        more = np.unique(table[np.ix_(some, some)])
        if len(more) == len(some):
            return more
        some = more


def generated(*groups: PermutationGroup) -> PermutationGroup:
    """The smallest group that holds all elements of these.

    Errors: ValueError for more than 20 000 elements, or different numbers of sites.
    """
    if len({group.sites.shape[1] for group in groups}) != 1:
        found = ", ".join(str(group.sites.shape[1]) for group in groups)
        raise ValueError(f"Expected permutations of the same sites, found {found} sites; give one lattice.")
    given = np.concatenate([group.rows() for group in groups])
    unity = np.append(np.arange(given.shape[1] - 1), 0)[None]
    rows = unity
    while True:
        more = np.unique(np.concatenate([rows, product(rows, given)]), axis=0)
        if len(more) == len(rows):
            break
        if len(more) > MOST:
            raise ValueError(f"Expected a group of at most {MOST:,} elements, found more; leave out generators.")
        rows = more
    rest = rows[(rows != unity).any(axis=1)]
    rows = np.concatenate([unity, rest])
    return PermutationGroup(rows[:, :-1], rows[:, -1].astype(bool))


def direct_product(a: PermutationGroup, b: PermutationGroup) -> PermutationGroup:
    """All g h in the order of `numpy.kron`: the character of the product is kron(χ_a, χ_b).  a and b must commute."""
    rows = product(a.rows(), b.rows())
    return PermutationGroup(rows[:, :-1], rows[:, -1].astype(bool))


def flip(n_sites: int) -> PermutationGroup:
    """The identity and the flip of all levels, n -> d - 1 - n: up to down."""
    return PermutationGroup(np.tile(np.arange(n_sites), (2, 1)), np.array([False, True]))


def characters(group: PermutationGroup) -> Complex[np.ndarray, "n G"]:
    """All χ with χ(g) χ(h) = χ(gh), |χ| = 1; the trivial one first.

    They are those of the group without its commutators, which is abelian: the common eigenvectors of its
    multiplications, found as eigenvectors of one random sum of them.  Law: as many as that group has elements.
    """
    table = group.table()
    inverse = np.argmax(table == 0, axis=1)
    commutators = closed(np.unique(table[table, table[np.ix_(inverse, inverse)]]), table)
    coset = np.unique(table[:, commutators].min(axis=1), return_inverse=True)[1]
    n = int(coset.max()) + 1
    first = np.unique(coset, return_index=True)[1]
    quotient = coset[table[np.ix_(first, first)]]
    weights = np.random.default_rng(0).normal(size=(n, 2)) @ [1, 1j]
    multiplication = np.zeros((n, n), complex)
    for a in range(n):
        multiplication[np.arange(n), quotient[a]] += weights[a]
    vectors = np.linalg.eig(multiplication)[1]
    phases = np.angle(vectors / vectors[coset[0]]) * n / (2 * np.pi)
    phases = np.unique(np.rint(phases).astype(int) % n, axis=1).T  # ascending: the trivial one, all zeros, is first
    return np.exp(2j * np.pi * phases / n)[:, coset]


def taking(group: PermutationGroup, values: list[tuple[PermutationGroup, complex]]) -> Complex[np.ndarray, " G"]:
    """The character that has these values on all non-trivial elements of these groups, such as -1 on the spin flip.

    Errors: ValueError where none has, or more than one.
    """
    place = {row.tobytes(): g for g, row in enumerate(group.rows())}
    found = characters(group)
    for part, value in values:
        where = [place[row.tobytes()] for row in part.rows()[1:]]
        found = found[np.abs(found[:, where] - value).max(axis=1) < 1e-9]
    if len(found) != 1:
        raise ValueError(f"Expected one character with these values, found {len(found)}; choose among `characters`.")
    return found[0]
