# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.field import diffusion_field as diffusion_field
from isinglass.experiments.field import phi4_flow as phi4_flow
from isinglass.experiments.field import u1_flow as u1_flow
from isinglass.experiments.field.diffusion_field import DiffusionField as DiffusionField
from isinglass.experiments.field.phi4_flow import EXACT as EXACT
from isinglass.experiments.field.phi4_flow import PUBLISHED as PUBLISHED
from isinglass.experiments.field.phi4_flow import Phi4Flow as Phi4Flow
from isinglass.experiments.field.u1_flow import U1Flow as U1Flow
