# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.particle import alanine as alanine
from isinglass.experiments.particle import boltzmann_generator as boltzmann_generator
from isinglass.experiments.particle import exchange as exchange
from isinglass.experiments.particle import lesson as lesson
from isinglass.experiments.particle.alanine import by_internal_coordinates as by_internal_coordinates
from isinglass.experiments.particle.alanine import internal_coordinates as internal_coordinates
from isinglass.experiments.particle.alanine import measured as measured
from isinglass.experiments.particle.alanine import methyls_turned as methyls_turned
from isinglass.experiments.particle.boltzmann_generator import BoltzmannGenerator as BoltzmannGenerator
from isinglass.experiments.particle.boltzmann_generator import free_energy_difference as free_energy_difference
from isinglass.experiments.particle.exchange import exchanged as exchanged
from isinglass.experiments.particle.lesson import Lesson as Lesson
from isinglass.experiments.particle.lesson import Model as Model
from isinglass.experiments.particle.lesson import by_flow_matching as by_flow_matching
from isinglass.experiments.particle.lesson import by_likelihood as by_likelihood
