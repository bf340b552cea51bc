# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.mechanics import kepler as kepler
from isinglass.exact.mechanics import pendulum as pendulum
from isinglass.exact.mechanics import springs as springs
from isinglass.exact.mechanics import three_bodies as three_bodies
from isinglass.exact.mechanics.kepler import KeplerInvariants as KeplerInvariants
from isinglass.exact.mechanics.kepler import eccentric_anomaly as eccentric_anomaly
from isinglass.exact.mechanics.kepler import invariants as invariants
from isinglass.exact.mechanics.springs import frequencies as frequencies
from isinglass.exact.mechanics.three_bodies import FIGURE_EIGHT_ENERGY as FIGURE_EIGHT_ENERGY
from isinglass.exact.mechanics.three_bodies import FIGURE_EIGHT_PERIOD as FIGURE_EIGHT_PERIOD
from isinglass.exact.mechanics.three_bodies import figure_eight as figure_eight
