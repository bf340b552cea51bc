# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.atoms import approximate_minimum as approximate_minimum
from isinglass.tasks.atoms import dynamics_files as dynamics_files
from isinglass.tasks.atoms import moved as moved
from isinglass.tasks.atoms import sample_dynamics as sample_dynamics
from isinglass.tasks.atoms import still as still
from isinglass.tasks.atoms.approximate_minimum import ApproximateMinimum as ApproximateMinimum
from isinglass.tasks.atoms.dynamics_files import DynamicsFiles as DynamicsFiles
from isinglass.tasks.atoms.dynamics_files import load_potential as load_potential
from isinglass.tasks.atoms.dynamics_files import named_potential as named_potential
from isinglass.tasks.atoms.moved import MovedAtoms as MovedAtoms
from isinglass.tasks.atoms.sample_dynamics import SampleDynamics as SampleDynamics
from isinglass.tasks.atoms.still import Still as Still
