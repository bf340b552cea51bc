# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.field import phi4 as phi4
from isinglass.systems.field import u1 as u1
from isinglass.systems.field.phi4 import Phi4 as Phi4
from isinglass.systems.field.phi4 import free_field as free_field
from isinglass.systems.field.phi4 import phi4_hopping as phi4_hopping
from isinglass.systems.field.u1 import U1Gauge as U1Gauge
from isinglass.systems.field.u1 import wrap as wrap
