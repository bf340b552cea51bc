# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.surface import two_wells_lost as two_wells_lost
from isinglass.experiments.surface.two_wells_lost import TwoWellsLost as TwoWellsLost
from isinglass.experiments.surface.two_wells_lost import claims as claims
from isinglass.experiments.surface.two_wells_lost import classical_log_z as classical_log_z
from isinglass.experiments.surface.two_wells_lost import left as left
