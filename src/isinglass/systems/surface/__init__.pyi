# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.surface import double_well as double_well
from isinglass.systems.surface import gaussian_mixture as gaussian_mixture
from isinglass.systems.surface import mueller_brown as mueller_brown
from isinglass.systems.surface.double_well import DoubleWell as DoubleWell
from isinglass.systems.surface.gaussian_mixture import GaussianMixture as GaussianMixture
from isinglass.systems.surface.gaussian_mixture import ring as ring
from isinglass.systems.surface.gaussian_mixture import two_modes as two_modes
from isinglass.systems.surface.mueller_brown import MuellerBrown as MuellerBrown
