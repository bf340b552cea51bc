# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.particle import boltzmann_generator as boltzmann_generator
from isinglass.experiments.particle.boltzmann_generator import BoltzmannGenerator as BoltzmannGenerator
