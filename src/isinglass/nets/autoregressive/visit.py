# SPDX-License-Identifier: Apache-2.0
"""The order in which the variables of a lattice are visited: row by row, or alternating in direction."""

import itertools
from math import prod

import numpy as np
from jaxtyping import Int

__all__ = ["ORDERS", "known_neighbors", "visiting_order"]

ORDERS = ("raster", "snake")


def visiting_order(shape: tuple[int, ...], order: str) -> Int[np.ndarray, " N"]:
    """Sites in C order ("raster"), or with every second run along each axis reversed, so that steps are neighbors.

    Law: a permutation of 0 .. N-1; under "snake" two sites visited in turn differ by 1 in one coordinate.
    """
    sites = np.arange(prod(shape)).reshape(shape)
    if order not in ORDERS:
        raise ValueError(f"expected an order among {', '.join(ORDERS)}; found {order!r}; choose one.")
    return sites.ravel() if order == "raster" else snake(sites)


def snake(sites: Int[np.ndarray, "*shape"]) -> Int[np.ndarray, " N"]:
    """Alternating: the sub-lattices of the first axis in turn, each second one backwards."""
    if sites.ndim == 1:
        return sites
    return np.concatenate([snake(part) if k % 2 == 0 else snake(part)[::-1] for k, part in enumerate(sites)])


def known_neighbors(shape: tuple[int, ...], order: str) -> Int[np.ndarray, "N z"]:
    """For visit t, the visits of the site before and of the neighbors ±1 along each axis of the torus; N if to come."""
    path = visiting_order(shape, order)
    N = len(path)
    visit = np.empty(N, int)
    visit[path] = np.arange(N)
    lattice = visit.reshape(shape)
    shifts = itertools.product(range(len(shape)), (1, -1))
    near = np.stack([np.roll(lattice, by, axis).ravel()[path] for axis, by in shifts], axis=1)
    before = np.arange(N) - 1
    near = np.concatenate([np.where(before < 0, N, before)[:, None], near], axis=1)
    return np.where(near < np.arange(N)[:, None], near, N).astype(np.int32)
