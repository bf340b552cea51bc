# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.simulator import common_mean as common_mean
from isinglass.systems.simulator import gaussian_linear as gaussian_linear
from isinglass.systems.simulator import log_likelihood as log_likelihood
from isinglass.systems.simulator import prior as prior
from isinglass.systems.simulator import program_simulator as program_simulator
from isinglass.systems.simulator import python_simulator as python_simulator
from isinglass.systems.simulator import simulator as simulator
from isinglass.systems.simulator import slcp as slcp
from isinglass.systems.simulator import two_moons as two_moons
from isinglass.systems.simulator.common_mean import CommonMean as CommonMean
from isinglass.systems.simulator.gaussian_linear import GaussianLinear as GaussianLinear
from isinglass.systems.simulator.log_likelihood import LogLikelihood as LogLikelihood
from isinglass.systems.simulator.prior import Prior as Prior
from isinglass.systems.simulator.prior import make_prior as make_prior
from isinglass.systems.simulator.prior import unbounded as unbounded
from isinglass.systems.simulator.program_simulator import ProgramFailedError as ProgramFailedError
from isinglass.systems.simulator.program_simulator import ProgramSimulator as ProgramSimulator
from isinglass.systems.simulator.python_simulator import PythonSimulator as PythonSimulator
from isinglass.systems.simulator.simulator import AbstractSimulator as AbstractSimulator
from isinglass.systems.simulator.slcp import SLCP as SLCP
from isinglass.systems.simulator.two_moons import TwoMoons as TwoMoons
