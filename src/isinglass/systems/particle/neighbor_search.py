# SPDX-License-Identifier: Apache-2.0
"""Neighbors for the host: by vesin, and by the cell list with room that is planned and planned again on overflow.

Refs: Fraux et al., vesin (github.com/Luthaf/vesin); `cell_list.py`.
"""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.cell_list import SLACK, NeighborCapacity, NeighborList, neighbor_list

__all__ = ["HostNeighbors", "closeness", "coordination", "find_neighbors", "plan_neighbors", "vesin_neighbors"]

MOST_CANDIDATES = 2**30  # distances in one program; a byte each, and their indices must fit int32
MARGIN = 1.25  # room for this many times what was found


class HostNeighbors(NamedTuple):
    """Pairs with |r_j + shift · cell - r_i| < cutoff, sorted by i; the law of `NeighborList`, without padding."""

    i: Int[np.ndarray, " pairs"]
    j: Int[np.ndarray, " pairs"]
    shift: Int[np.ndarray, "pairs 3"]
    distance: Float[np.ndarray, " pairs"]

    def reverse(self) -> Int[np.ndarray, " pairs"]:
        """Place of (j, i, -S) for each pair (i, j, S): pairs and reversed pairs have one order."""
        i, j, S, _ = self
        place = np.empty(len(i), int)
        place[np.lexsort((*-S.T, i, j))] = np.lexsort((*S.T, j, i))
        return place


def load_vesin() -> Any:
    """The package vesin.  Errors: InputError with the line that installs it."""
    try:
        import vesin
    except ImportError:
        raise InputError("vesin", "none", "install it: pip install 'isinglass[atoms]'") from None
    return vesin


def vesin_neighbors(
    positions: Float[np.ndarray, "n 3"], cell: Float[np.ndarray, "3 3"], pbc: Bool[np.ndarray, " 3"], cutoff: float
) -> HostNeighbors:
    """All pairs nearer than the cutoff, by vesin.  Errors: InputError as `checked`."""
    checked(positions, cell, pbc, cutoff)
    search = load_vesin().NeighborList(cutoff=cutoff, full_list=True, sorted=True, n_threads=1)
    box = host_box(cell, pbc)
    i, j, shift, distance = search.compute(np.ascontiguousarray(positions, float), box, np.array(pbc), "ijSd")
    return HostNeighbors(i.astype(int), j.astype(int), shift.astype(int), distance)


def closeness(distance: Float[np.ndarray, "*a"], cutoff: float) -> Float[np.ndarray, "*a"]:
    """(1 - r²/R²)² of distances up to the cutoff R: 1 of an atom that is here, 0 smoothly at R."""
    return (1 - (distance / cutoff) ** 2) ** 2


def coordination(
    positions: Float[np.ndarray, "n 3"], cell: Float[np.ndarray, "3 3"], pbc: Bool[np.ndarray, " 3"], cutoff: float
) -> Float[np.ndarray, " n"]:
    """Σ_j (1 - r_ij²/R²)² of every atom over its neighbors within the cutoff R.  Errors: InputError as `checked`."""
    near = vesin_neighbors(positions, cell, pbc, cutoff)
    return np.bincount(near.i, closeness(near.distance, cutoff), len(positions))


def find_neighbors(
    positions: Float[np.ndarray, "n 3"],
    cell: Float[np.ndarray, "3 3"],
    pbc: Bool[np.ndarray, " 3"],
    cutoff: float,
    capacity: NeighborCapacity | None = None,
) -> tuple[NeighborList, NeighborCapacity]:
    """The cell list, and the capacity it needed: the given one where that was enough, else one with more room.

    Law: never an overflow.  Errors: InputError as `checked`, and for cells whose images memory would not hold.
    """
    checked(positions, cell, pbc, cutoff)
    capacity = plan_neighbors(positions, cell, pbc, cutoff) if capacity is None else capacity
    found = search(positions, cell, pbc, cutoff, capacity)
    tries = 0
    while found.overflow:  # bins first: pairs are counted fully once each bin holds its atoms
        if tries == 4:
            raise InputError("a cell whose heights are known to 1e-5", "one too flat for this precision", "use float64")
        start = capacity if tries else plan_neighbors(positions, cell, pbc, cutoff)
        capacity, tries = larger(start, int(found.most), int(found.number)), tries + 1
        found = search(positions, cell, pbc, cutoff, capacity)
    return found, capacity


def search(positions, cell, pbc, cutoff: float, capacity: NeighborCapacity) -> NeighborList:
    """The compiled cell list of arrays of the host, in the precision of jax."""
    arrays = (jnp.asarray(a, float) for a in (positions, cell))
    return jax.jit(neighbor_list)(*arrays, jnp.asarray(pbc), cutoff, capacity)


def larger(capacity: NeighborCapacity, most: int, number: int) -> NeighborCapacity:
    """Room for what was found, with the margin; never less than there was."""
    room = max(capacity.atoms_per_bin, with_margin(most, 2) if most > capacity.atoms_per_bin else 0)
    pairs = max(capacity.pairs, with_margin(number, 64) if number > capacity.pairs else 0)
    return NeighborCapacity(capacity.bins, capacity.reach, room, pairs)


def with_margin(count: int, step: int) -> int:
    """MARGIN times the count, rounded up to a multiple of `step`, so that few programs are compiled."""
    return step * math.ceil(MARGIN * max(count, 1) / step)


def plan_neighbors(
    positions: Float[np.ndarray, "n 3"], cell: Float[np.ndarray, "3 3"], pbc: Bool[np.ndarray, " 3"], cutoff: float
) -> NeighborCapacity:
    """A capacity for these atoms: bins as wide as the cutoff or more, at most four an atom; pairs by the density.

    pairs ≈ Σ_i ρ_i 4π cutoff³/3, with ρ_i the density of the bin that atom i is in.
    """
    n, box = len(positions), host_box(cell, pbc)
    inverse = np.linalg.inv(box)
    s = np.asarray(positions) @ inverse
    length = np.where(pbc, 1 / np.sqrt(np.sum(inverse**2, axis=0)), np.ptp(s, axis=0))
    wanted = cutoff * (1 + 4 * SLACK)
    bins = np.maximum(np.floor(np.minimum(length / wanted, 1e6)), 1).astype(int)
    while math.prod(bins.tolist()) > 4 * n + 1:
        bins[np.argmax(bins)] = (bins.max() + 1) // 2
    reach = np.where(pbc, np.ceil(wanted * bins / np.where(pbc, length, 1.0)), bins > 1).astype(int)
    s = np.where(pbc, (s - np.floor(s)) * bins, (s - s.min(axis=0)) / np.maximum(length / bins, wanted))
    home = np.ravel_multi_index(tuple(np.clip(np.floor(s).astype(int), 0, bins - 1).T), tuple(bins))
    count = np.bincount(home)
    met, room = math.prod((2 * reach + 1).tolist()), with_margin(int(count.max()), 2)
    if n * met * room > MOST_CANDIDATES:
        found = f"{n * met * room:.1e}, {met} bins that each of {n} atoms meets"
        fix = "give a less skewed cell, or a smaller cutoff"
        raise InputError(f"at most {MOST_CANDIDATES:.0e} distances", found, fix)
    volume = np.prod(np.where(pbc, 1.0, np.maximum(length, cutoff)) / bins) * abs(np.linalg.det(box))
    density = np.sum(count.astype(float) ** 2) / volume * 4 * np.pi / 3 * cutoff**3
    pairs = with_margin(int(min(density, n * met * room)), 64)
    return NeighborCapacity(tuple(bins.tolist()), tuple(reach.tolist()), room, pairs)


def host_box(cell, pbc) -> Float[np.ndarray, "3 3"]:
    """The cell with unit vectors, at right angles to all others, in place of those of open directions."""
    pbc = np.asarray(pbc)
    box = np.where(pbc[:, None], np.asarray(cell, float), 0.0)
    box[~pbc] = np.linalg.svd(box)[2][pbc.sum() :]
    return box


def checked(positions, cell, pbc, cutoff: float) -> None:
    """Errors: InputError for no atoms, a cutoff not above 0, numbers that are not finite, a periodic flat cell."""
    if not 0 < cutoff < np.inf:
        raise InputError("a cutoff above 0", f"{cutoff}", "give it in angstrom")
    if not len(positions) or not np.isfinite(positions).all() or not np.isfinite(np.asarray(cell)[pbc]).all():
        found = "a number that is not finite" if len(positions) else "none"
        raise InputError(
            "finite positions of at least one atom, and a finite cell", found, "look at how they were made"
        )
    vectors = np.asarray(cell, float)[np.asarray(pbc)]
    lengths = np.sqrt(np.sum(vectors**2, axis=1))
    volume = math.sqrt(max(np.linalg.det(vectors @ vectors.T), 0.0)) if len(vectors) else 1.0
    if not volume > 1e-9 * np.prod(lengths):
        raise InputError("a cell with a volume along its periodic directions", "vectors in one plane, or of length 0",
                         "give the cell, or leave these directions open")  # fmt: skip
