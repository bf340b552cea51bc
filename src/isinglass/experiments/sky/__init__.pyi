# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.sky import gravitational_waves as gravitational_waves
from isinglass.experiments.sky.gravitational_waves import GravitationalWaves as GravitationalWaves
from isinglass.experiments.sky.gravitational_waves import detection_claims as detection_claims
from isinglass.experiments.sky.gravitational_waves import posterior_claims as posterior_claims
