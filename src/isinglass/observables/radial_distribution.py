# SPDX-License-Identifier: Apache-2.0
"""How likely another atom is at a distance, beside an ideal gas of the same density."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.systems.particle.neighbor_search import vesin_neighbors

__all__ = ["radial_distribution"]

PERIODIC = np.ones(3, bool)


def radial_distribution(
    frames: Iterable[tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "3 3"]]], r_max: float, bins: int = 200
) -> tuple[Float[np.ndarray, " bins"], Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """g(r) = V / (n (n-1)) <Σ_ij δ(r - r_ij)> / (4π r²), its mean over frames and the scatter of those: r, g, σ.

    Images count, so that r_max may be beyond the cell; atoms meet their own images too, which count as of another atom.
    Law: g = 1 of an ideal gas; ρ ∫ g 4π r² dr = number of neighbors.  Periodic cells alone.  Cost: linear in atoms.
    """
    edges = np.linspace(0.0, r_max, bins + 1)
    shell = 4 * np.pi / 3 * np.diff(edges**3)
    found = []
    for x, cell in frames:
        near = vesin_neighbors(np.asarray(x, float), np.asarray(cell, float), PERIODIC, r_max)
        other = near.i != near.j
        n, volume = len(x), abs(np.linalg.det(cell))
        count = np.histogram(near.distance[other], edges)[0]
        found.append(count * volume / (n * max(n - 1, 1) * shell))
    if not found:
        raise InputError("at least one frame", "none", "keep frames")
    g = np.array(found)
    return (edges[:-1] + edges[1:]) / 2, g.mean(axis=0), g.std(axis=0)
