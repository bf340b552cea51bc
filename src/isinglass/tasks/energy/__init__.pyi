# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.energy import approximate_boltzmann_machine as approximate_boltzmann_machine
from isinglass.tasks.energy import couplings_file as couplings_file
from isinglass.tasks.energy import discrete_rows as discrete_rows
from isinglass.tasks.energy import infer_couplings as infer_couplings
from isinglass.tasks.energy.approximate_boltzmann_machine import ApproximateBoltzmannMachine as ApproximateBoltzmannMachine
from isinglass.tasks.energy.couplings_file import CouplingsFile as CouplingsFile
from isinglass.tasks.energy.discrete_rows import DiscreteRows as DiscreteRows
from isinglass.tasks.energy.discrete_rows import RowsFile as RowsFile
from isinglass.tasks.energy.discrete_rows import TwoSides as TwoSides
from isinglass.tasks.energy.discrete_rows import checked_discrete as checked_discrete
from isinglass.tasks.energy.discrete_rows import split_sides as split_sides
from isinglass.tasks.energy.infer_couplings import InferCouplings as InferCouplings
