# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.cosmology import background as background
from isinglass.exact.cosmology import growth as growth
from isinglass.exact.cosmology.background import Cosmology as Cosmology
from isinglass.exact.cosmology.background import HUBBLE_DISTANCE as HUBBLE_DISTANCE
from isinglass.exact.cosmology.background import Redshifts as Redshifts
from isinglass.exact.cosmology.background import angular_diameter_distance as angular_diameter_distance
from isinglass.exact.cosmology.background import comoving_distance as comoving_distance
from isinglass.exact.cosmology.background import cosmic_time as cosmic_time
from isinglass.exact.cosmology.background import curved as curved
from isinglass.exact.cosmology.background import distance_modulus as distance_modulus
from isinglass.exact.cosmology.background import expansion as expansion
from isinglass.exact.cosmology.background import hubble_distance as hubble_distance
from isinglass.exact.cosmology.background import luminosity_distance as luminosity_distance
from isinglass.exact.cosmology.background import redshifts as redshifts
from isinglass.exact.cosmology.background import transverse_distance as transverse_distance
from isinglass.exact.cosmology.growth import growth_factor as growth_factor
from isinglass.exact.cosmology.growth import growth_rate as growth_rate
