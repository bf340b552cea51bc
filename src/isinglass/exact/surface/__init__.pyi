# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.surface import double_well as double_well
from isinglass.exact.surface import gaussian_mixture as gaussian_mixture
from isinglass.exact.surface import mueller_brown as mueller_brown
from isinglass.exact.surface.double_well import density as density
from isinglass.exact.surface.double_well import free_energy_difference as free_energy_difference
from isinglass.exact.surface.double_well import stationary_points as stationary_points
from isinglass.exact.surface.gaussian_mixture import covariance as covariance
from isinglass.exact.surface.gaussian_mixture import diffused as diffused
from isinglass.exact.surface.gaussian_mixture import log_density as log_density
from isinglass.exact.surface.gaussian_mixture import lost_mode_divergence as lost_mode_divergence
from isinglass.exact.surface.gaussian_mixture import mean as mean
from isinglass.exact.surface.gaussian_mixture import score as score
from isinglass.exact.surface.mueller_brown import BOX as BOX
from isinglass.exact.surface.mueller_brown import MINIMA as MINIMA
from isinglass.exact.surface.mueller_brown import TERMS as TERMS
from isinglass.exact.surface.mueller_brown import population as population
