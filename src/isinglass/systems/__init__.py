# SPDX-License-Identifier: Apache-2.0
"""What nature does: one file, one system."""

from isinglass.systems.gauge import IsingGauge
from isinglass.systems.graph import Graph
from isinglass.systems.ising import Ising, edwards_anderson, sherrington_kirkpatrick
from isinglass.systems.potts import Potts
from isinglass.systems.square_ice import SquareIce
from isinglass.systems.system import AbstractLatticeSystem, AbstractPairSystem, AbstractSystem, at_temperatures
from isinglass.systems.xy import XY

__all__ = [
    "XY",
    "AbstractLatticeSystem",
    "AbstractPairSystem",
    "AbstractSystem",
    "Graph",
    "Ising",
    "IsingGauge",
    "Potts",
    "SquareIce",
    "at_temperatures",
    "edwards_anderson",
    "sherrington_kirkpatrick",
]
