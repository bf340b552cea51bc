# SPDX-License-Identifier: Apache-2.0
"""The radial distribution of a trajectory by blocks, and how far two of them differ, without their noise.

D² = <(ḡ - ḡ')² - s² - s'²> over r, s² the variance of each mean by the scatter of its blocks: 0 on average where the
liquids are the same.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.observables.radial_distribution import radial_distribution
from isinglass.result import Check, Estimate

__all__ = ["LiquidStructure", "decided", "difference"]

BLOCKS = 8
R_MAX, BINS = 6.0, 100  # Å
SHELL = 3.0  # Å: neighbors are nearer


class LiquidStructure(NamedTuple):
    """g(r) of blocks of frames."""

    r: Float[np.ndarray, " bins"]  # Å
    g: Float[np.ndarray, "blocks bins"]
    density: float  # atoms/Å³

    @staticmethod
    def of(x: Float[np.ndarray, "time n 3"], cell: Float[np.ndarray, "3 3"]) -> "LiquidStructure":
        """Of the frames after the first fifth."""
        kept = np.array_split(x[len(x) // 5 :], BLOCKS)
        of_blocks = [radial_distribution(((frame, cell) for frame in block), R_MAX, BINS) for block in kept]
        density = x.shape[1] / abs(np.linalg.det(cell))
        return LiquidStructure(of_blocks[0][0], np.array([g for _, g, _ in of_blocks]), float(density))

    @property
    def coordination(self) -> Estimate:
        """ρ ∫ g 4π r² dr up to SHELL."""
        near = self.r < SHELL
        counts = self.density * (self.g * 4 * np.pi * self.r**2)[:, near].sum(axis=1) * (self.r[1] - self.r[0])
        return Estimate(float(counts.mean()), float(counts.std(ddof=1) / len(counts) ** 0.5))


def square(a: Float[np.ndarray, "blocks bins"], b: Float[np.ndarray, "blocks bins"]) -> float:
    """D²."""
    noise = sum(g.var(axis=0, ddof=1) / len(g) for g in (a, b))
    return float(np.mean((a.mean(axis=0) - b.mean(axis=0)) ** 2 - noise))


def difference(a: LiquidStructure, b: LiquidStructure) -> Estimate:
    """D, 0 where noise explains all, with its error by leaving out one block of each."""
    n, D2 = len(a.g), square(a.g, b.g)
    left = np.array([square(np.delete(a.g, k, 0), np.delete(b.g, k, 0)) for k in range(n)])
    error = float(np.sqrt((n - 1) * left.var()))
    D = max(D2, 0.0) ** 0.5
    return Estimate(D, error / (2 * max(D, (error / 2) ** 0.5)))


def decided(check: Check) -> Check:
    """What is known no better than to the tolerance shows nothing: `unknown`; missed by under 4 errors too."""
    if check.error is not None and check.tolerance and check.error > check.tolerance / 2:
        return replace(
            check, verdict="unknown", law=f"{check.law} (its error is above half of the tolerance: run longer)"
        )
    return check.resolved()
