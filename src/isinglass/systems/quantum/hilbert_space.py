# SPDX-License-Identifier: Apache-2.0
"""Hilbert spaces of N sites with d levels each, whole or restricted to a sector of conserved sums.

A basis state is n (N,), n_i = 0 ... d-1.  Spin S: n_i = S - m_i, so that 0 is up.  Bosons and fermions: n_i particles;
fermion modes are ordered, all spins up before all spins down.  The code of n is Σ_i n_i d^i.
"""

import itertools
from math import comb
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

__all__ = ["MOST_LEVELS", "HilbertSpace", "LinTable", "bosons", "fermions", "lin_table", "spins"]

MOST_STATES = 1 << 26  # that are enumerated
MOST_LEVELS = 128  # n_i is kept in 8 bits


class HilbertSpace(eqx.Module):
    """N sites of d levels, with the sums of n over some groups of sites held fixed.  Law: size = number of states."""

    n_sites: int = eqx.field(static=True)
    levels: int = eqx.field(static=True)
    kind: str = eqx.field(static=True)  # spin, boson or fermion
    conserved: tuple[tuple[range, int], ...] = eqx.field(static=True, default=())  # (sites, their sum of n)

    @property
    def bits(self) -> float:
        """log2 of the size of the whole space."""
        return self.n_sites * float(np.log2(self.levels))

    @property
    def size(self) -> int:
        """The number of basis states: coefficients of (1 + x + ... + x^(d-1))^sites."""
        free = self.n_sites - sum(len(sites) for sites, _ in self.conserved)
        product = self.levels**free
        for sites, total in self.conserved:
            product *= ways(len(sites), self.levels, total)
        return product

    def states(self) -> Int[np.ndarray, " size"]:
        """The codes of all basis states, in ascending order.

        Errors: ValueError for more than 2^26 of them, with the memory that one vector would need.
        """
        if self.size > MOST_STATES or self.bits > 62:
            raise ValueError(
                f"Expected at most {MOST_STATES:,} states to enumerate, found {self.size:,} "
                f"({self.size * 8 / 2**30:.3g} GiB for one vector); use fewer sites, a sector or a sampled state."
            )
        parts = [np.arange(self.levels**0, dtype=np.int64)]
        grouped = {i for sites, _ in self.conserved for i in sites}
        for i in range(self.n_sites):
            if i not in grouped:
                parts.append(np.arange(self.levels, dtype=np.int64) * self.levels**i)
        parts += [codes_of_sum(sites, self.levels, total) for sites, total in self.conserved]
        codes = parts[0]
        for part in parts[1:]:
            codes = (part[:, None] + codes[None]).ravel()
        return np.sort(codes)

    def decode(self, code: Int[Array, ""]) -> Int[Array, " N"]:
        """n, n_i = ⌊code / d^i⌋ mod d."""
        return (code // jnp.asarray(self.radix) % self.levels).astype(jnp.int8)

    def encode(self, n: Int[Array, " N"]) -> Int[Array, ""]:
        """The code Σ_i n_i d^i of n."""
        return n.astype(jnp.int64) @ jnp.asarray(self.radix)

    @property
    def radix(self) -> Int[np.ndarray, " N"]:
        """The place values d^i of the sites, i = 0 ... N-1."""
        return self.levels ** np.arange(self.n_sites, dtype=np.int64)

    def contains(self, n: Int[Array, " N"]) -> Bool[Array, ""]:
        """Whether n has the conserved sums of the sector."""
        good = (n >= 0).all() & (n < self.levels).all()
        for sites, total in self.conserved:
            good &= n[np.asarray(sites)].astype(jnp.int32).sum() == total
        return good

    def require(self, n: Int[Any, "*states N"]) -> None:
        """Check that all states are in the space.

        Errors: ValueError that names the first one outside.
        """
        rows = np.asarray(n).reshape(-1, self.n_sites)
        if ((rows < 0) | (rows >= self.levels)).any():
            raise ValueError(f"Expected n from 0 to {self.levels - 1} at each site, found others; fix these states.")
        for sites, total in self.conserved:
            found = rows[:, list(sites)].sum(axis=1, dtype=int)
            if (found != total).any():
                first = int(np.argmax(found != total))
                raise ValueError(
                    f"Expected states of the sector, whose n over sites {sites[0]} to {sites[-1]} sum to {total}, "
                    f"found {found[first]} in state {first}; begin with `random_state`, or leave the sector open."
                )

    def random_state(self, key) -> Int[Array, " N"]:
        """A basis state of the sector: uniform without conserved sums, and for two levels."""
        key_free, *keys = jax.random.split(key, 1 + len(self.conserved))
        n = jax.random.randint(key_free, (self.n_sites,), 0, self.levels).astype(jnp.int8)
        for key, (sites, total) in zip(keys, self.conserved, strict=True):
            room = jnp.repeat(jnp.asarray(sites), self.levels - 1)
            quanta = jax.random.permutation(key, room)[:total]
            n = n.at[np.asarray(sites)].set(0).at[quanta].add(1)
        return n

    def variables(self, n: Int[Array, "*site"], dtype=jnp.float32) -> Float[Array, "*site"]:
        """The input of networks: ±1 for two levels (+1 is n = 0), else evenly spaced from -1 to 1."""
        return (1 - 2 * n.astype(dtype) / (self.levels - 1)).astype(dtype)


class LinTable(eqx.Module):
    """The index of a code among all basis states, by two small tables.  Lin 1990, doi:10.1103/PhysRevB.42.6561.

    index = first[high half] + rank[low half], since the low halves allowed depend only on the sums of the high half.
    Law: table(states()) = 0, 1, 2 ...; a code outside the sector gives a meaningless index.
    """

    first: Int[Array, " high"]  # how many states have smaller high sites
    rank: Int[Array, " low"]  # how many smaller low sites have the same sums

    def __call__(self, code: Int[Array, "*n"]) -> Int[Array, "*n"]:
        """The index of each code, first[high] + rank[low]."""
        low = len(self.rank)
        return self.first[code // low] + self.rank[code % low]


def lin_table(space: HilbertSpace, states: Int[np.ndarray, " size"]) -> LinTable:
    """The Lin table of a space.  Cost: d^(N/2)."""
    half = (space.n_sites + 1) // 2
    low = np.arange(space.levels**half)
    n = low[:, None] // space.radix[:half] % space.levels
    sums = np.zeros(len(low), np.int64)
    for sites, _ in space.conserved:
        mine = n[:, [i for i in sites if i < half]].sum(1)
        sums = sums * (half * space.levels + 1) + mine
    order = np.argsort(sums, kind="stable")
    begins = np.searchsorted(sums[order], sums[order])
    rank = np.empty(len(low), np.int64)
    rank[order] = np.arange(len(low)) - begins
    high = np.arange(space.levels ** (space.n_sites - half)) * len(low)
    return LinTable(jnp.asarray(np.searchsorted(states, high)), jnp.asarray(rank))


def ways(sites: int, levels: int, total: int) -> int:
    """The number of n with Σ n = total: Σ_k (-1)^k C(N, k) C(total - k d + N - 1, N - 1)."""
    if not 0 <= total <= sites * (levels - 1):
        return 0
    if levels == 2:
        return comb(sites, total)
    return sum((-1) ** k * comb(sites, k) * comb(total - k * levels + sites - 1, sites - 1)
               for k in range(total // levels + 1))  # fmt: skip


def codes_of_sum(sites: range, levels: int, total: int) -> Int[np.ndarray, " states"]:
    """The codes of all n on these sites with Σ n = total, built site by site."""
    codes, sums = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for left, i in zip(itertools.count(len(sites) - 1, -1), sites, strict=False):
        digit = np.arange(levels)
        codes = (codes[:, None] + digit * levels**i).ravel()
        sums = (sums[:, None] + digit).ravel()
        keep = (sums <= total) & (sums + left * (levels - 1) >= total)
        codes, sums = codes[keep], sums[keep]
    return codes


def spins(n_sites: int, S: float = 0.5, magnetization: float | None = None) -> HilbertSpace:
    """N spins S; `magnetization` holds Σ S^z fixed."""
    check_levels(2 * S + 1)
    levels = round(2 * S) + 1
    if levels < 2 or abs(2 * S + 1 - levels) > 1e-9:
        raise ValueError(f"Expected S = 1/2, 1, 3/2 ..., found {S}; choose one of them.")
    check_sites(n_sites)
    return with_sum(n_sites, levels, "spin", None if magnetization is None else n_sites * S - magnetization)


def bosons(n_sites: int, cutoff: int, particles: int | None = None) -> HilbertSpace:
    """N sites with at most `cutoff` bosons each; `particles` holds their number fixed."""
    check_sites(n_sites)
    if cutoff < 1:
        raise ValueError(f"Expected a cutoff of at least 1 boson a site, found {cutoff}; raise it.")
    check_levels(cutoff + 1)
    return with_sum(n_sites, cutoff + 1, "boson", particles)


def fermions(n_sites: int, particles: int | tuple[int, int] | None = None, *, spinful: bool = False) -> HilbertSpace:
    """N sites, one mode each or two (i: up, N + i: down); `particles`: their number, or (up, down)."""
    check_sites(n_sites)
    if not spinful:
        if isinstance(particles, tuple):
            raise ValueError(f"Expected one number of spinless fermions, found {particles}; give a whole number.")
        return with_sum(n_sites, 2, "fermion", particles)
    if isinstance(particles, tuple):
        up, down = (int(p) for p in particles)
        space = HilbertSpace(2 * n_sites, 2, "fermion", ((range(n_sites), up), (range(n_sites, 2 * n_sites), down)))
        return check_size(space, particles)
    return with_sum(2 * n_sites, 2, "fermion", particles)


def with_sum(n_sites: int, levels: int, kind: str, total: float | None) -> HilbertSpace:
    """The whole space, or its sector Σ_i n_i = total."""
    if total is None:
        return HilbertSpace(n_sites, levels, kind)
    if total != round(total):
        raise ValueError(f"Expected a sum that these sites can have, found {total} quanta; change it by one half.")
    return check_size(HilbertSpace(n_sites, levels, kind, ((range(n_sites), round(total)),)), total)


def check_size(space: HilbertSpace, asked) -> HilbertSpace:
    """Errors: ValueError for a sector without states."""
    if any(not 0 <= total <= len(sites) * (space.levels - 1) for sites, total in space.conserved):
        raise ValueError(
            f"Expected a sector with states, found none with {asked} on {space.n_sites} sites of {space.levels} "
            "levels; choose a number between none and full."
        )
    return space


def check_levels(levels: float) -> None:
    """Errors: ValueError for more levels than 8 bits hold."""
    if not levels <= MOST_LEVELS:
        raise ValueError(f"Expected at most {MOST_LEVELS} levels a site, found {levels:,.0f}; lower S or the cutoff.")


def check_sites(n_sites: int) -> None:
    """Errors: ValueError for fewer than one site."""
    if n_sites < 1:
        raise ValueError(f"Expected at least one site, found {n_sites}; give a positive number.")
