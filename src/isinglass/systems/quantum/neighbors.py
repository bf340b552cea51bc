# SPDX-License-Identifier: Apache-2.0
"""Second, third ... neighbors of a lattice, by distance."""

import itertools

import numpy as np
from jaxtyping import Float, Int

from isinglass.errors import InputError
from isinglass.systems.graph import Graph
from isinglass.systems.quantum.lattice_symmetry import positions

__all__ = ["neighbor_pairs"]

MOST_SITES = 1024  # of which all distances are computed


def neighbor_pairs(graph: Graph, neighbor: int) -> Int[np.ndarray, "B 2"]:
    """The pairs i < j at the k-th smallest distance, k = `neighbor`, each once; around the torus where periodic.

    Law: pairs of all k together are every pair.  Errors: InputError where there is no such distance.
    """
    if graph.n_sites > MOST_SITES:
        raise InputError(
            f"at most {MOST_SITES:,} sites for neighbors by distance", f"{graph.n_sites:,}", "list the bonds"
        )
    i, j = np.triu_indices(graph.n_sites, 1)
    distance = distances(graph, i, j)
    shells = np.unique(np.round(distance, 6))
    shells = shells[np.concatenate([[True], np.diff(shells) > 1e-5])]
    if neighbor > len(shells):
        raise InputError(f"neighbor = 1 to {len(shells)} on this lattice", str(neighbor), "choose a nearer one")
    near = np.abs(distance - shells[neighbor - 1]) < 1e-4
    return np.stack([i[near], j[near]], axis=1)


def distances(graph: Graph, i: Int[np.ndarray, " P"], j: Int[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """|x_i - x_j|, the shortest way around the torus."""
    x, periods, _ = positions(graph)
    away = (x[i] - x[j]) @ np.linalg.inv(periods)
    images = itertools.product((-1, 0, 1), repeat=len(periods))
    return np.min([np.linalg.norm((away + image) @ periods, axis=1) for image in images], axis=0)
