# SPDX-License-Identifier: Apache-2.0
"""Laws that are no group acting on configurations, yet have networks that hold them."""

from dataclasses import dataclass

__all__ = ["EnergyConservation", "Normalization"]


@dataclass(frozen=True)
class EnergyConservation:
    """dH/dt = 0 of a motion in phase space of d degrees of freedom: by Noether, symmetry under shifts of time.

    `velocities`: states are (q, v), not (q, p).
    """

    degrees: int
    velocities: bool = False


@dataclass(frozen=True)
class Normalization:
    """∫ p(x) dx = 1, p >= 0."""
