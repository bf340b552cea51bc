# SPDX-License-Identifier: Apache-2.0
"""Pairs of atoms nearer than a cutoff, on the device: a cell list in any triclinic, partly periodic or open box.

Direction k has bins 0 .. b_k - 1 of width h_k / b_k (h_k: the height of the cell above its other two vectors).  Atoms
of bin c meet those of bins c + o, |o_k| ≤ reach_k with reach_k h_k / b_k ≥ cutoff; a bin beyond the cell is an image's.
Cost: linear in atoms.  Ref: Allen and Tildesley, Computer Simulation of Liquids, section 5.3.2.
"""

import itertools
import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

__all__ = ["NeighborCapacity", "NeighborList", "neighbor_list"]

SLACK = 1e-5  # bins are wider than the cutoff by this share, more than rounding in float32


class NeighborCapacity(eqx.Module):
    """What is fixed when a program is compiled: the bins, how far they reach, and room for atoms and pairs."""

    bins: tuple[int, int, int] = eqx.field(static=True)
    reach: tuple[int, int, int] = eqx.field(static=True)  # bins to each side; 0: one bin of an open direction
    atoms_per_bin: int = eqx.field(static=True)
    pairs: int = eqx.field(static=True)


class NeighborList(NamedTuple):
    """Pairs with |r_j + shift · cell - r_i| < cutoff, sorted by i; those past `number` have i = j = number of atoms.

    Law: with (i, j, S) it holds (j, i, -S), where rounding alone decides too; an atom meets its own images, never
    itself.  A sum over i by `jax.ops.segment_sum` leaves the padding out.
    """

    i: Int[Array, " pairs"]  # receiver
    j: Int[Array, " pairs"]  # sender
    shift: Int[Array, "pairs 3"]  # S, in units of the cell vectors, for the positions as they were given
    reverse: Int[Array, " pairs"]  # place of (j, i, -S); of the padding any
    number: Int[Array, ""]  # pairs found; more than there is room for: overflow
    most: Int[Array, ""]  # atoms in the fullest bin
    overflow: Bool[Array, ""]  # pairs are missing: the list is not to be used

    def vectors(
        self, positions: Float[Array, "n 3"], cell: Float[Array, "3 3"], beyond: float | Float[Array, ""]
    ) -> Float[Array, "pairs 3"]:
        """r_ij = r_j + S · cell - r_i, differentiable; of the padding (beyond, 0, 0), where no force reaches."""
        i, j = (jnp.minimum(index, len(positions) - 1) for index in (self.i, self.j))
        r = positions[j] + self.shift.astype(positions.dtype) @ cell - positions[i]
        padding = jnp.array([1.0, 0.0, 0.0], positions.dtype) * beyond
        return jnp.where((self.i < len(positions))[:, None], r, padding[None])


def neighbor_list(
    positions: Float[Array, "n 3"],
    cell: Float[Array, "3 3"],
    pbc: Bool[Array, " 3"],
    cutoff: float | Float[Array, ""],
    capacity: NeighborCapacity,
) -> NeighborList:
    """All pairs nearer than the cutoff; rows of `cell` are its vectors, those of open directions are not looked at.

    Law: the set of (i, j, S) is that of the definition, for atoms outside the cell and cutoffs beyond it too, unless
    `overflow`.  Not differentiable: what depends on positions smoothly is `NeighborList.vectors`.
    """
    positions, cell = jax.lax.stop_gradient((positions, cell))
    n, room = len(positions), capacity.atoms_per_bin
    box = completed(cell, pbc)
    s = positions @ jnp.linalg.inv(box)  # fractions of the cell; lengths along open directions
    turns = jnp.where(pbc[None], jnp.floor(s), 0.0)
    width, wide_enough = bin_widths(s, box, pbc, cutoff, capacity)
    start = jnp.where(pbc, 0.0, jnp.min(s, axis=0))
    at = jnp.floor((s - turns - start[None]) / width[None]).astype(int)
    table, place, target, image, most = bins_met(jnp.clip(at, 0, jnp.array(capacity.bins)[None] - 1), pbc, capacity)
    j = table[target].reshape(n, -1)  # candidates of each atom; n: none
    inside = positions - turns @ box
    apart = jnp.pad(inside, ((0, 1), (0, 0)))[j] - inside[:, None]
    r = apart + jnp.repeat(image.astype(s.dtype) @ box, room, 1)  # in this order r_ji = -r_ij to the last bit
    itself = (j == jnp.arange(n)[:, None]) & jnp.repeat((image == 0).all(-1), room, 1)
    near = (jnp.sum(r * r, axis=-1) < jnp.square(jnp.asarray(cutoff, r.dtype))) & (j < n) & ~itself
    number = jnp.sum(near)
    row, column = jnp.nonzero(near, size=capacity.pairs, fill_value=(n, 0))
    i, i_inside = row, jnp.minimum(row, n - 1)
    sender = jnp.where(row < n, j[i_inside, column], n)
    whole = jnp.pad(turns.astype(int), ((0, 1), (0, 0)))
    shift = jnp.where((row < n)[:, None], image[i_inside, column // room], 0) + whole[i] - whole[sender]
    met = image.shape[1]  # bin k of them lies opposite to bin met - 1 - k: that is where j meets i
    back = (sender * met + met - 1 - column // room) * room + place[i_inside]
    reverse = jnp.cumsum(near)[jnp.where(row < n, back, 0)] - 1
    lost = (number > capacity.pairs) | (most > room) | ~wide_enough | ~jnp.isfinite(positions).all()
    return NeighborList(i, sender, shift, reverse, number, most, lost)


def completed(cell: Float[Array, "3 3"], pbc: Bool[Array, " 3"]) -> Float[Array, "3 3"]:
    """The cell with unit vectors, at right angles to all others, in place of those of open directions."""
    rows = jnp.where(pbc[:, None], cell, 0.0)
    basis = jnp.linalg.svd(rows)[2]  # its last rows span what is at right angles to the periodic vectors
    return jnp.where(pbc[:, None], rows, basis[jnp.clip(jnp.sum(pbc) + jnp.cumsum(~pbc) - 1, 0, 2)])


def bin_widths(
    s: Float[Array, "n 3"],
    box: Float[Array, "3 3"],
    pbc: Bool[Array, " 3"],
    cutoff: float | Float[Array, ""],
    capacity: NeighborCapacity,
) -> tuple[Float[Array, " 3"], Bool[Array, ""]]:
    """Widths of the bins in the coordinates s, and whether `reach` of them are as wide as the cutoff."""
    bins, reach = (jnp.array(count, s.dtype) for count in (capacity.bins, capacity.reach))
    height = 1 / jnp.sqrt(jnp.sum(jnp.square(jnp.linalg.inv(box)), axis=0))
    wanted = jnp.asarray(cutoff, s.dtype) * (1 + SLACK)
    extent = (jnp.max(s, axis=0) - jnp.min(s, axis=0)) * (1 + SLACK)
    open_width = jnp.maximum(jnp.where(reach > 0, wanted / jnp.maximum(reach, 1), jnp.inf), extent / bins)
    return jnp.where(pbc, 1 / bins, open_width), (~pbc | (reach * height / bins >= wanted)).all()


def bins_met(
    at: Int[Array, "n 3"], pbc: Bool[Array, " 3"], capacity: NeighborCapacity
) -> tuple[Int[Array, "bins room"], Int[Array, " n"], Int[Array, "n met"], Int[Array, "n met 3"], Int[Array, ""]]:
    """Atoms of each bin (n: none) and the place of each, the bins that it meets, their images, the most in a bin.

    The last row of the table is empty: it stands for what is beyond an open boundary.
    """
    n, bins, total = len(at), capacity.bins, math.prod(capacity.bins)
    flat = lambda c: (c[..., 0] * bins[1] + c[..., 1]) * bins[2] + c[..., 2]  # noqa: E731
    order = jnp.argsort(flat(at))
    home = flat(at)[order]
    count = jnp.bincount(home, length=total)
    rank = jnp.arange(n) - (jnp.cumsum(count) - count)[home]
    table = jnp.full((total + 1, capacity.atoms_per_bin), n).at[home, rank].set(order, mode="drop")
    offsets = np.array(list(itertools.product(*(range(-r, r + 1) for r in capacity.reach))))
    image, target = jnp.divmod(at[:, None] + jnp.array(offsets)[None], jnp.array(bins)[None, None])
    beyond = ((image != 0) & ~pbc[None, None]).any(-1)
    place = jnp.zeros_like(rank).at[order].set(rank)
    return table, place, jnp.where(beyond, total, flat(target)), image, jnp.max(count)
