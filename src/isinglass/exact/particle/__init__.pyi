# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.particle import dimer as dimer
from isinglass.exact.particle.dimer import bond as bond
from isinglass.exact.particle.dimer import density as density
from isinglass.exact.particle.dimer import free_energy_difference as free_energy_difference
from isinglass.exact.particle.dimer import mean_energy as mean_energy
