# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.checks.atoms import crystal as crystal
from isinglass.checks.atoms import potential as potential
from isinglass.checks.atoms import trajectory as trajectory
from isinglass.checks.atoms.crystal import elastically_stable as elastically_stable
from isinglass.checks.atoms.crystal import energy_fell as energy_fell
from isinglass.checks.atoms.crystal import forces_vanish as forces_vanish
from isinglass.checks.atoms.crystal import same_energy as same_energy
from isinglass.checks.atoms.crystal import stress_is_pressure as stress_is_pressure
from isinglass.checks.atoms.crystal import sum_rule as sum_rule
from isinglass.checks.atoms.crystal import vibrations_stable as vibrations_stable
from isinglass.checks.atoms.crystal import walkers_agree as walkers_agree
from isinglass.checks.atoms.potential import AtomsSeen as AtomsSeen
from isinglass.checks.atoms.potential import energies_error as energies_error
from isinglass.checks.atoms.potential import forces_error as forces_error
from isinglass.checks.atoms.potential import forces_unknown as forces_unknown
from isinglass.checks.atoms.potential import independent as independent
from isinglass.checks.atoms.potential import laws as laws
from isinglass.checks.atoms.trajectory import as_trained as as_trained
from isinglass.checks.atoms.trajectory import atoms_apart as atoms_apart
from isinglass.checks.atoms.trajectory import conserved as conserved
from isinglass.checks.atoms.trajectory import kinetic_law as kinetic_law
from isinglass.checks.atoms.trajectory import mean_kinetic as mean_kinetic
from isinglass.checks.atoms.trajectory import momentum_at_rest as momentum_at_rest
from isinglass.checks.atoms.trajectory import pressure_law as pressure_law
from isinglass.checks.atoms.trajectory import unexploded as unexploded
