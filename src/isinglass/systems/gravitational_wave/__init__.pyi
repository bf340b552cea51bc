# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.gravitational_wave import black_hole_binary as black_hole_binary
from isinglass.systems.gravitational_wave import chirp as chirp
from isinglass.systems.gravitational_wave import chirp_in_noise as chirp_in_noise
from isinglass.systems.gravitational_wave import matched_filter as matched_filter
from isinglass.systems.gravitational_wave import noise_curve as noise_curve
from isinglass.systems.gravitational_wave import strain as strain
from isinglass.systems.gravitational_wave import waveform as waveform
from isinglass.systems.gravitational_wave.black_hole_binary import BlackHoleBinary as BlackHoleBinary
from isinglass.systems.gravitational_wave.chirp import MPC as MPC
from isinglass.systems.gravitational_wave.chirp import SUN as SUN
from isinglass.systems.gravitational_wave.chirp import chirp_mass as chirp_mass
from isinglass.systems.gravitational_wave.chirp import innermost_frequency as innermost_frequency
from isinglass.systems.gravitational_wave.chirp import newtonian_chirp as newtonian_chirp
from isinglass.systems.gravitational_wave.chirp import newtonian_strain as newtonian_strain
from isinglass.systems.gravitational_wave.chirp_in_noise import ChirpInNoise as ChirpInNoise
from isinglass.systems.gravitational_wave.chirp_in_noise import Stretches as Stretches
from isinglass.systems.gravitational_wave.matched_filter import FilterOutput as FilterOutput
from isinglass.systems.gravitational_wave.matched_filter import filter_pair as filter_pair
from isinglass.systems.gravitational_wave.matched_filter import inner_product as inner_product
from isinglass.systems.gravitational_wave.matched_filter import log_ratio as log_ratio
from isinglass.systems.gravitational_wave.matched_filter import optimal_snr as optimal_snr
from isinglass.systems.gravitational_wave.matched_filter import phase_free_log_ratio as phase_free_log_ratio
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve as NoiseCurve
from isinglass.systems.gravitational_wave.noise_curve import aligo_design as aligo_design
from isinglass.systems.gravitational_wave.noise_curve import aligo_power as aligo_power
from isinglass.systems.gravitational_wave.noise_curve import colored_noise as colored_noise
from isinglass.systems.gravitational_wave.noise_curve import measured_noise as measured_noise
from isinglass.systems.gravitational_wave.noise_curve import white_noise as white_noise
from isinglass.systems.gravitational_wave.noise_curve import whitened as whitened
from isinglass.systems.gravitational_wave.strain import Strain as Strain
from isinglass.systems.gravitational_wave.waveform import binary_black_hole as binary_black_hole
from isinglass.systems.gravitational_wave.waveform import load_ripplegw as load_ripplegw
