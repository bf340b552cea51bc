# SPDX-License-Identifier: Apache-2.0
"""Silicon for the tests: diamond cells, and Stillinger and Weber's paper pair by pair, triplet by triplet."""

import itertools

import numpy as np

from isinglass.systems.particle.structure import AtomicStructure

A0 = 5.431
BASIS = np.array([[0, 0, 0], [0, 2, 2], [2, 0, 2], [2, 2, 0], [1, 1, 1], [1, 3, 3], [3, 1, 3], [3, 3, 1]]) / 4


def diamond(repeats=(1, 1, 1), a: float = A0, rattle: float = 0.0, seed: int = 0) -> AtomicStructure:
    """Cubic cells of diamond, atoms displaced at random."""
    shifts = np.array(list(itertools.product(*(range(k) for k in repeats))))
    x = ((shifts[:, None] + BASIS[None]) * a).reshape(-1, 3)
    x = x + rattle * np.random.default_rng(seed).normal(size=x.shape)
    n = len(x)
    return AtomicStructure(
        x, np.full(n, 14), a * np.diag(np.array(repeats, float)), np.ones(3, bool), np.full(n, 28.085)
    )


def primitive(a: float = A0) -> AtomicStructure:
    """Two atoms."""
    cell = a / 2 * (1 - np.eye(3))
    return AtomicStructure(np.array([[0.0, 0, 0], [a / 4] * 3]), np.array([14, 14]), cell, np.ones(3, bool),
                           np.full(2, 28.085))  # fmt: skip


def paper_energy(atoms: AtomicStructure) -> float:
    """E of the paper (eqs. 2.3-2.6) by loops over images; epsilon of its diamond at 0 K, -2 an atom."""
    A, B, p, a, lam, gamma, sigma, epsilon = 7.049556277, 0.6022245584, 4, 1.8, 21.0, 1.2, 2.0951, 2.1683
    images = np.array(list(itertools.product(*(range(-2, 3) if c else range(1) for c in atoms.pbc))))
    total = 0.0
    for x in atoms.positions:
        r = (atoms.positions[None] + (images @ atoms.cell)[:, None] - x).reshape(-1, 3) / sigma
        d = np.linalg.norm(r, axis=1)
        near = [k for k in range(len(d)) if 1e-9 < d[k] < a]
        total += sum(A * (B * d[k] ** -p - 1) * np.exp(1 / (d[k] - a)) for k in near) / 2
        for j, k in itertools.combinations(near, 2):
            cosine = r[j] @ r[k] / d[j] / d[k]
            total += lam * np.exp(gamma / (d[j] - a) + gamma / (d[k] - a)) * (cosine + 1 / 3) ** 2
    return epsilon * total
