# SPDX-License-Identifier: Apache-2.0
"""A neighbor table sorted by color: spins of one color are updated at once, their neighbors read by a few shifts.

Every site has one place in its color.  On a lattice the k-th neighbor of place i is place i + d among the other
colors, with a displacement d that takes few values: the neighbors of a whole color are then shifted copies of the other
colors, and no table is stored.  On an irregular graph they are read by index.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, Int32, UInt8, UInt32

from isinglass.sampling.ensemble.bitstream import ALL_ONES

__all__ = ["ColorTable", "Listed", "Shifted", "color_table"]

VECTOR = 16  # words in 512 bits: each color is padded to a multiple
MOST_SHIFTS = 8  # beyond this, indexing is cheaper


class Shifted(eqx.Module):
    """The neighbor of place i is place i + shifts[which[i]] of the others, modulo their number."""

    shifts: tuple[int, ...] = eqx.field(static=True)
    which: UInt8[Array, " n"]

    def of(self, others: UInt32[Array, "T W m"], n: int) -> UInt32[Array, "T W n"]:
        """The spin words [T, W, n] of that neighbor for each of n places."""
        twice = jnp.concatenate([others, others], axis=-1)  # once around the torus
        first, *more = (jax.lax.slice_in_dim(twice, d, d + n, axis=-1) for d in self.shifts)
        for k, spin in enumerate(more, start=1):
            first = jnp.where((self.which == jnp.uint8(k))[None, None], spin, first)
        return first


class Listed(eqx.Module):
    """The neighbor of place i is place[i] of the others."""

    place: Int32[Array, " n"]

    def of(self, others: UInt32[Array, "T W m"], n: int) -> UInt32[Array, "T W n"]:
        """The spin words [T, W, n] of that neighbor for each of n places."""
        return others.at[..., self.place].get(mode="promise_in_bounds")


class ColorTable(eqx.Module):
    """The neighbors of every place, color by color."""

    place: Int32[Array, " N"]  # of each site: place i of color c is number c n + i
    neighbors: tuple[tuple[Shifted | Listed, ...], ...]  # for each color, for each of the z bonds
    negative: UInt32[Array, "C z n"] | None  # ALL_ONES where J_ij < 0; None where no coupling is
    n: int = eqx.field(static=True)  # places per color, with padding

    @property
    def n_colors(self) -> int:
        """C, the number of colors."""
        return len(self.neighbors)

    @property
    def z(self) -> int:
        """z, the number of neighbors of a site."""
        return len(self.neighbors[0])


def color_table(
    neighbors: Int[np.ndarray, "N z"], colors: Int[np.ndarray, "C m"], negative: Bool[np.ndarray, "N z"] | None = None
) -> ColorTable:
    """Sort a neighbor table by color; `colors` is padded with N.  Law: no two sites of a color are neighbors."""
    (n_sites, z), n_colors = neighbors.shape, len(colors)
    n = -(-colors.shape[1] // VECTOR) * VECTOR
    color, index = np.nonzero(colors < n_sites)
    site = colors[color, index]
    place = np.full(n_sites, -1)
    place[site] = color * n + index
    check(neighbors, place, n)
    there = place[neighbors]
    there = there - np.where(there > place[:, None], n, 0)  # places are counted without the own color
    by_color = np.full((n_colors, z, n), -1)
    by_color[color, :, index] = there[site]
    signs = None
    if negative is not None:
        signs = np.zeros((n_colors, z, n), np.uint32)
        signs[color, :, index] = np.where(negative[site], np.uint32(ALL_ONES), np.uint32(0))
    columns = tuple(tuple(column(there, (n_colors - 1) * n) for there in rows) for rows in by_color)
    return ColorTable(jnp.asarray(place, jnp.int32), columns, None if signs is None else jnp.asarray(signs), n)


def column(there: Int[np.ndarray, " n"], n_others: int) -> Shifted | Listed:
    """One column of the table; -1 marks padding, whose neighbor is arbitrary."""
    shift = (there - np.arange(len(there))) % n_others
    shifts, which = np.unique(shift[there >= 0], return_inverse=True)
    if len(shifts) > MOST_SHIFTS:
        return Listed(jnp.asarray(np.maximum(there, 0), jnp.int32))
    code = np.zeros(len(there), np.uint8)
    code[there >= 0] = which
    return Shifted(tuple(shifts.tolist()), jnp.asarray(code))


def check(neighbors: Int[np.ndarray, "N z"], place: Int[np.ndarray, " N"], n: int) -> None:
    """Errors: ValueError for unequal numbers of neighbors, sites without color, or neighbors of one color."""
    if neighbors.max() >= len(neighbors):
        raise ValueError(
            "Multispin needs the same number of neighbors at every site, got different ones; use Metropolis."
        )
    if place.min() < 0:
        raise ValueError(f"Multispin needs a color for every site, got none for site {place.argmin()}; color them all.")
    if (place[neighbors] // n == (place // n)[:, None]).any():
        raise ValueError("Multispin needs neighbors of different colors, got two of one; color the graph properly.")
