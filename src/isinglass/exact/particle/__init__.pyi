# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.particle import dimer as dimer
from isinglass.exact.particle import metal_units as metal_units
from isinglass.exact.particle.dimer import bond as bond
from isinglass.exact.particle.dimer import density as density
from isinglass.exact.particle.dimer import free_energy_difference as free_energy_difference
from isinglass.exact.particle.dimer import mean_energy as mean_energy
from isinglass.exact.particle.metal_units import BOLTZMANN as BOLTZMANN
from isinglass.exact.particle.metal_units import COULOMB_CONSTANT as COULOMB_CONSTANT
from isinglass.exact.particle.metal_units import FEMTOSECOND as FEMTOSECOND
from isinglass.exact.particle.metal_units import GIGAPASCAL as GIGAPASCAL
from isinglass.exact.particle.metal_units import TERAHERTZ as TERAHERTZ
