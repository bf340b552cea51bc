# SPDX-License-Identifier: Apache-2.0
"""Drawing from exp(-beta E(x)) / Z: one file, one algorithm."""

from isinglass.sampling.annealing import anneal
from isinglass.sampling.cluster import SwendsenWang, Wolff
from isinglass.sampling.heat_bath import HeatBath
from isinglass.sampling.metropolis import Metropolis
from isinglass.sampling.tempering import Tempering

__all__ = ["HeatBath", "Metropolis", "SwendsenWang", "Tempering", "Wolff", "anneal"]
