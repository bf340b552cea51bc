# SPDX-License-Identifier: Apache-2.0
"""Drawing from exp(-beta E(x)) / Z: one file, one algorithm."""

from isinglass.sampling.annealing import anneal
from isinglass.sampling.cluster import SwendsenWang, Wolff
from isinglass.sampling.heat_bath import HeatBath
from isinglass.sampling.hmc import HMC
from isinglass.sampling.langevin import MALA, Langevin
from isinglass.sampling.metropolis import Metropolis
from isinglass.sampling.mixed import Mixed
from isinglass.sampling.random_walk import RandomWalk
from isinglass.sampling.tempering import Tempering

__all__ = [
    "HMC",
    "MALA",
    "HeatBath",
    "Langevin",
    "Metropolis",
    "Mixed",
    "RandomWalk",
    "SwendsenWang",
    "Tempering",
    "Wolff",
    "anneal",
]
