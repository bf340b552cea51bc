# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.observables import charge_time as charge_time
from isinglass.observables import curve as curve
from isinglass.observables import one_point_law as one_point_law
from isinglass.observables import order_parameter as order_parameter
from isinglass.observables import power_spectrum as power_spectrum
from isinglass.observables import scalar_field as scalar_field
from isinglass.observables import slice_correlator as slice_correlator
from isinglass.observables import structure_factor as structure_factor
from isinglass.observables import thermodynamics as thermodynamics
from isinglass.observables.charge_time import ChargeTime as ChargeTime
from isinglass.observables.curve import Curve as Curve
from isinglass.observables.curve import mean_curve as mean_curve
from isinglass.observables.order_parameter import correlation_ratio as correlation_ratio
from isinglass.observables.order_parameter import moment_ratio as moment_ratio
from isinglass.observables.order_parameter import ordering_wave as ordering_wave
from isinglass.observables.order_parameter import powers_beside as powers_beside
from isinglass.observables.order_parameter import star as star
from isinglass.observables.order_parameter import susceptibility as susceptibility
from isinglass.observables.power_spectrum import in_shells as in_shells
from isinglass.observables.power_spectrum import shells as shells
from isinglass.observables.power_spectrum import wave_number as wave_number
from isinglass.observables.scalar_field import NAMES as NAMES
from isinglass.observables.scalar_field import OBSERVABLES as OBSERVABLES
from isinglass.observables.scalar_field import mass_of_chains as mass_of_chains
from isinglass.observables.scalar_field import measure as measure
from isinglass.observables.slice_correlator import pole_mass as pole_mass
from isinglass.observables.structure_factor import structure_factor_of_pairs as structure_factor_of_pairs
from isinglass.observables.structure_factor import two_point_function as two_point_function
from isinglass.observables.structure_factor import wave_power as wave_power
