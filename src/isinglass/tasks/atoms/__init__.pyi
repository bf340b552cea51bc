# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.atoms import approximate_minimum as approximate_minimum
from isinglass.tasks.atoms import approximate_potential as approximate_potential
from isinglass.tasks.atoms import atoms_files as atoms_files
from isinglass.tasks.atoms import dynamics_files as dynamics_files
from isinglass.tasks.atoms import fitted_committee as fitted_committee
from isinglass.tasks.atoms import fitted_potential as fitted_potential
from isinglass.tasks.atoms import hopped as hopped
from isinglass.tasks.atoms import learning_curve as learning_curve
from isinglass.tasks.atoms import mace_torch_file as mace_torch_file
from isinglass.tasks.atoms import moved as moved
from isinglass.tasks.atoms import moved_doubt as moved_doubt
from isinglass.tasks.atoms import nuclear_repulsion as nuclear_repulsion
from isinglass.tasks.atoms import sample_dynamics as sample_dynamics
from isinglass.tasks.atoms import still as still
from isinglass.tasks.atoms.approximate_minimum import ApproximateMinimum as ApproximateMinimum
from isinglass.tasks.atoms.approximate_potential import ApproximatePotential as ApproximatePotential
from isinglass.tasks.atoms.atoms_files import AtomsFiles as AtomsFiles
from isinglass.tasks.atoms.dynamics_files import DynamicsFiles as DynamicsFiles
from isinglass.tasks.atoms.dynamics_files import load_potential as load_potential
from isinglass.tasks.atoms.dynamics_files import named_potential as named_potential
from isinglass.tasks.atoms.fitted_committee import FittedCommittee as FittedCommittee
from isinglass.tasks.atoms.fitted_potential import FittedPotential as FittedPotential
from isinglass.tasks.atoms.hopped import HoppedAtoms as HoppedAtoms
from isinglass.tasks.atoms.learning_curve import FrameCurve as FrameCurve
from isinglass.tasks.atoms.learning_curve import fewer_rows as fewer_rows
from isinglass.tasks.atoms.mace_torch_file import read_mace_torch as read_mace_torch
from isinglass.tasks.atoms.moved import MovedAtoms as MovedAtoms
from isinglass.tasks.atoms.moved_doubt import MovedDoubt as MovedDoubt
from isinglass.tasks.atoms.nuclear_repulsion import Repulsion as Repulsion
from isinglass.tasks.atoms.sample_dynamics import SampleDynamics as SampleDynamics
from isinglass.tasks.atoms.still import Still as Still
