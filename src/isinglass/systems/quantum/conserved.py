# SPDX-License-Identifier: Apache-2.0
"""What a Hamiltonian conserves in its basis, stated or not: sums Σ_i q_i n_i and parities, from how it changes n.

Every element <n'|H|n> off the diagonal changes n by δ = n' - n.  Σ q_i n_i is conserved if q · δ = 0 for all of them:
the null space of the changes over whole numbers; a parity, if q · δ = 0 modulo 2.
"""

import itertools
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from isinglass.symmetry.elimination import LARGE_PRIME, echelon, null_space
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["Conserved", "changes", "conserved", "joined"]

MOST = 1 << 12  # levels of the sites of one move that are tried
ZERO = 1e-12  # a matrix element beside the largest coefficient


class Conserved(NamedTuple):
    """Charges q: Σ_i q_i n_i, and Σ_i q_i n_i modulo 2, that H leaves as they are.

    Law: states that H connects have equal labels.  The converse does not hold: H may fall into further pieces.
    """

    sums: Int[np.ndarray, "r N"]
    parities: Int[np.ndarray, "s N"]  # beyond those of the sums
    stated: int  # how many sums define the space

    @property
    def hidden(self) -> int:
        """How many charges the space does not fix."""
        return len(self.sums) - self.stated + len(self.parities)

    def labels(self, n: Int[np.ndarray, "S N"]) -> Int[np.ndarray, "S charges"]:
        """The values of all charges in every state."""
        n = np.asarray(n, np.int64)
        return np.concatenate([n @ self.sums.T % LARGE_PRIME, n @ self.parities.T % 2], axis=1)

    def named(self, label: Int[np.ndarray, " charges"]) -> str:
        """The values in words, sums of n over sites first."""
        every = [(q, v, "") for q, v in zip(self.sums, label, strict=False)]
        every += [(q, v, " modulo 2") for q, v in zip(self.parities, label[len(self.sums) :], strict=True)]
        return "; ".join(f"{sum_text(q)} = {signed(int(v))}{end}" for q, v, end in every)


def signed(value: int) -> int:
    """A residue of the large prime as a number around zero."""
    return value - LARGE_PRIME if value > LARGE_PRIME // 2 else value


def sum_text(q: Int[np.ndarray, " N"]) -> str:
    """Σ q_i n_i in words: sites with equal q together."""
    text = ""
    for value in sorted({int(v) for v in q if v}, reverse=True):
        sites = ", ".join(ranges(np.flatnonzero(q == value).tolist()))
        text += f"{' - ' if value < 0 else ' + '}{'' if abs(value) == 1 else f'{abs(value)} '}n({sites})"
    return text.removeprefix(" + ").strip()


def ranges(sites: list[int]) -> list[str]:
    """[0, 1, 2, 5] as 0-2 and 5."""
    starts = [i for i in sites if i - 1 not in sites]
    ends = [i for i in sites if i + 1 not in sites]
    return [f"{a}" if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]


def conserved(hamiltonian: Hamiltonian) -> Conserved:
    """All charges that are linear in n.  Cost: of an elimination, sites² x changes."""
    every = changes(hamiltonian)
    sums, mod_2 = null_space(every, LARGE_PRIME), null_space(every, 2) % 2
    found, parities = sums % 2, []
    for q in mod_2:
        more = np.concatenate([found, q[None]])
        if len(echelon(more, 2)[1]) > len(echelon(found, 2)[1]):
            found, parities = more, [*parities, q]
    N = hamiltonian.space.n_sites
    return Conserved(sums, np.array(parities, np.int64).reshape(-1, N), len(hamiltonian.space.conserved))


def changes(hamiltonian: Hamiltonian) -> Int[np.ndarray, "K N"]:
    """Every n' - n with <n'|H|n> ≠ 0, once."""
    space, rows = hamiltonian.space, [np.zeros((1, hamiltonian.space.n_sites), np.int64)]
    for m, (moved, shifts) in enumerate(zip(hamiltonian.moved, hamiltonian.shifts, strict=True)):
        sites, shift = moved[shifts != 0], shifts[shifts != 0]
        levels = levels_of(space, len(sites))
        levels = levels[connected(hamiltonian, m, sites, levels)]
        change = np.zeros((len(levels), space.n_sites), np.int64)
        change[:, sites] = (levels + shift) % space.levels - levels
        rows.append(np.unique(change, axis=0))
    return np.unique(np.concatenate(rows), axis=0)


def levels_of(space: HilbertSpace, sites: int) -> Int[np.ndarray, "L C"]:
    """All levels of some sites; random ones where they are too many."""
    if space.levels**sites <= MOST:
        return np.array(list(itertools.product(range(space.levels), repeat=sites)), np.int64)
    return np.random.default_rng(0).integers(0, space.levels, (MOST, sites))


def connected(
    hamiltonian: Hamiltonian, m: int, sites: Int[np.ndarray, " C"], levels: Int[np.ndarray, "L C"]
) -> Bool[np.ndarray, " L"]:
    """Whether move m has an element at these levels of its sites, for some levels of the others.

    Terms with one function of the other sites are summed: such functions are independent of one another.
    """
    c, z, places, tables = (np.asarray(a[m]) for a in (hamiltonian.moves.c, hamiltonian.moves.signs,
                                                        hamiltonian.moves.sites, hamiltonian.moves.tables))  # fmt: skip
    others = np.setdiff1d(np.arange(hamiltonian.space.n_sites), sites)
    index = {int(i): k for k, i in enumerate(sites)}
    sums: dict[tuple, np.ndarray] = {}
    for t in np.flatnonzero(c):
        value = c[t] * (-1.0) ** (levels @ z[t, sites])
        rest = []
        for i, table in zip(places[t].tolist(), tables[t], strict=True):
            if i in index:
                value = value * table[levels[:, index[i]]]
            elif not (table == 1).all():
                rest.append((i, tuple(table)))
        key = (z[t, others].tobytes(), tuple(sorted(rest)))
        sums[key] = sums.get(key, 0) + value
    return np.any([np.abs(v) > ZERO * np.abs(c).max() for v in sums.values()], axis=0)


def joined(bonds: Int[np.ndarray, "B 2"], sites: range) -> Int[np.ndarray, "J 2"]:
    """Further bonds that make one piece of all sites: site k of a piece to site k of the next one."""
    pieces = {i: [i] for i in sites}
    for i, j in bonds.tolist():
        if i in pieces and j in pieces and pieces[i] is not pieces[j]:
            both = sorted(pieces[i] + pieces[j])
            pieces |= dict.fromkeys(both, both)
    order = sorted({tuple(piece) for piece in pieces.values()})
    pairs = [pair for a, b in itertools.pairwise(order) for pair in zip(a, b, strict=False)]
    return np.array(pairs, np.int32).reshape(-1, 2)
