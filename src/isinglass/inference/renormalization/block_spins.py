# SPDX-License-Identifier: Apache-2.0
"""Block spins, the sign of the sum of a block of spins, ties by a coin; and the products that couplings multiply.

Ref: Kadanoff 1966, doi:10.1103/PhysicsPhysiqueFizika.2.263; Swendsen 1979, doi:10.1103/PhysRevLett.42.859.
"""

from itertools import combinations, product

import numpy as np
from jaxtyping import Float, Int

__all__ = ["SMALLEST", "block_spins", "blocked", "even_products", "odd_products"]

SMALLEST = 4  # side of the coarsest lattice: on a smaller one neighbors at distance 2 are the site itself
SpinRows = Int[np.ndarray, "n *site"]


def block_spins(rng: np.random.Generator, x: SpinRows, scale: int = 2) -> Int[np.ndarray, "n *block"]:
    """sign(Σ s) over blocks of `scale` sites along every axis; a sum of 0 becomes +1 or -1 by a coin.

    Law: x(-s) → -x(s) in distribution; a block of equal spins keeps its sign.
    """
    n, *sides = x.shape
    split = x.reshape(n, *(k for side in sides for k in (side // scale, scale)))
    total = split.sum(axis=tuple(range(2, 2 * len(sides) + 1, 2)), dtype=np.int16)
    coin = 2 * rng.integers(0, 2, total.shape, dtype=np.int8) - 1
    return np.where(total == 0, coin, np.sign(total)).astype(np.int8)


def blocked(rng: np.random.Generator, x: SpinRows, scale: int = 2) -> list[np.ndarray]:
    """The configurations, their block spins, the blocks of these ..., down to sides of SMALLEST or more."""
    levels = [x]
    while all(side % scale == 0 and side // scale >= SMALLEST for side in levels[-1].shape[1:]):
        levels.append(block_spins(rng, levels[-1], scale))
    return levels


def even_products(x: SpinRows) -> Float[np.ndarray, "n 4"]:
    """Σ s s' of nearest neighbors, of diagonal ones, at distance 2 along an axis; Σ s s' s'' s''' of plaquettes."""
    x, axes = x.astype(np.int8), range(1, x.ndim)
    diagonals = [x * moved(x, {a: 1, b: sign}) for a, b in combinations(axes, 2) for sign in (1, -1)]
    squares = [x * moved(x, {a: 1}) * moved(x, {b: 1}) * moved(x, {a: 1, b: 1}) for a, b in combinations(axes, 2)]
    groups = ([x * moved(x, {a: 1}) for a in axes], diagonals, [x * moved(x, {a: 2}) for a in axes], squares)
    return np.stack([summed(group) for group in groups if group], axis=1)


def odd_products(x: SpinRows) -> Float[np.ndarray, "n 3"]:
    """Σ s; Σ s s' s'' of three corners of a plaquette, and of three sites in a row."""
    x, axes = x.astype(np.int8), range(1, x.ndim)
    corners = [
        x * moved(x, {a: i}) * moved(x, {b: j}) for a, b in combinations(axes, 2) for i, j in product((1, -1), repeat=2)
    ]
    rows = [x * moved(x, {a: 1}) * moved(x, {a: -1}) for a in axes]
    return np.stack([summed(group) for group in ([x], corners, rows) if group], axis=1)


def moved(x: SpinRows, steps: dict[int, int]) -> SpinRows:
    """The spins at a site plus these steps, around the lattice."""
    return np.roll(x, tuple(-step for step in steps.values()), tuple(steps))


def summed(terms: list[SpinRows]) -> Float[np.ndarray, " n"]:
    """Σ over sites and terms, row by row."""
    return np.sum([term.reshape(len(term), -1).sum(axis=1, dtype=np.int64) for term in terms], axis=0).astype(float)
