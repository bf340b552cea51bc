# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.lattice import associative_memory as associative_memory
from isinglass.systems.lattice import boltzmann_machine as boltzmann_machine
from isinglass.systems.lattice import dense_memory as dense_memory
from isinglass.systems.lattice import gauge as gauge
from isinglass.systems.lattice import hopfield as hopfield
from isinglass.systems.lattice import ising as ising
from isinglass.systems.lattice import potts as potts
from isinglass.systems.lattice import renormalization_machine as renormalization_machine
from isinglass.systems.lattice import square_ice as square_ice
from isinglass.systems.lattice import xy as xy
from isinglass.systems.lattice.associative_memory import AbstractAssociativeMemory as AbstractAssociativeMemory
from isinglass.systems.lattice.associative_memory import checked_spins as checked_spins
from isinglass.systems.lattice.associative_memory import random_patterns as random_patterns
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine as RestrictedBoltzmannMachine
from isinglass.systems.lattice.boltzmann_machine import free_energies as free_energies
from isinglass.systems.lattice.boltzmann_machine import ising_machine as ising_machine
from isinglass.systems.lattice.dense_memory import DenseMemory as DenseMemory
from isinglass.systems.lattice.gauge import IsingGauge as IsingGauge
from isinglass.systems.lattice.gauge import link_tables as link_tables
from isinglass.systems.lattice.hopfield import HopfieldNetwork as HopfieldNetwork
from isinglass.systems.lattice.hopfield import hebbian as hebbian
from isinglass.systems.lattice.hopfield import projection as projection
from isinglass.systems.lattice.ising import Ising as Ising
from isinglass.systems.lattice.ising import edwards_anderson as edwards_anderson
from isinglass.systems.lattice.ising import sherrington_kirkpatrick as sherrington_kirkpatrick
from isinglass.systems.lattice.potts import Potts as Potts
from isinglass.systems.lattice.renormalization_machine import BlockMachine as BlockMachine
from isinglass.systems.lattice.renormalization_machine import block_log_weights as block_log_weights
from isinglass.systems.lattice.renormalization_machine import block_machine as block_machine
from isinglass.systems.lattice.renormalization_machine import every_state as every_state
from isinglass.systems.lattice.renormalization_machine import sublattice_machine as sublattice_machine
from isinglass.systems.lattice.square_ice import SquareIce as SquareIce
from isinglass.systems.lattice.xy import XY as XY
