# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.field import diffusion_field as diffusion_field
from isinglass.experiments.field import field_statistics as field_statistics
from isinglass.experiments.field import phi4_flow as phi4_flow
from isinglass.experiments.field import phi4_observables as phi4_observables
from isinglass.experiments.field import u1_flow as u1_flow
from isinglass.experiments.field.diffusion_field import DiffusionField as DiffusionField
from isinglass.experiments.field.field_statistics import Curve as Curve
from isinglass.experiments.field.field_statistics import one_point as one_point
from isinglass.experiments.field.field_statistics import power as power
from isinglass.experiments.field.field_statistics import power_of as power_of
from isinglass.experiments.field.field_statistics import shells as shells
from isinglass.experiments.field.field_statistics import wave_number as wave_number
from isinglass.experiments.field.phi4_flow import EXACT as EXACT
from isinglass.experiments.field.phi4_flow import PUBLISHED as PUBLISHED
from isinglass.experiments.field.phi4_flow import Phi4Flow as Phi4Flow
from isinglass.experiments.field.phi4_flow import Reading as Reading
from isinglass.experiments.field.phi4_observables import NAMES as NAMES
from isinglass.experiments.field.phi4_observables import estimates as estimates
from isinglass.experiments.field.phi4_observables import measure as measure
from isinglass.experiments.field.phi4_observables import pole_mass as pole_mass
from isinglass.experiments.field.u1_flow import U1Flow as U1Flow
from isinglass.experiments.field.u1_flow import charge_time as charge_time
