# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.potential import approximate_potential as approximate_potential
from isinglass.tasks.potential import atoms_files as atoms_files
from isinglass.tasks.potential import fitted_potential as fitted_potential
from isinglass.tasks.potential.approximate_potential import ApproximatePotential as ApproximatePotential
from isinglass.tasks.potential.atoms_files import AtomsFiles as AtomsFiles
from isinglass.tasks.potential.fitted_potential import FittedPotential as FittedPotential
