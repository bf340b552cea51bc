# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.simulator import bernoulli_glm as bernoulli_glm
from isinglass.systems.simulator import common_mean as common_mean
from isinglass.systems.simulator import epidemic as epidemic
from isinglass.systems.simulator import gaussian_linear as gaussian_linear
from isinglass.systems.simulator import gaussian_uniform as gaussian_uniform
from isinglass.systems.simulator import log_likelihood as log_likelihood
from isinglass.systems.simulator import noisy_model as noisy_model
from isinglass.systems.simulator import predator_prey as predator_prey
from isinglass.systems.simulator import prior as prior
from isinglass.systems.simulator import rate_equation as rate_equation
from isinglass.systems.simulator import score_summary as score_summary
from isinglass.systems.simulator import simulator as simulator
from isinglass.systems.simulator import slcp as slcp
from isinglass.systems.simulator import two_moons as two_moons
from isinglass.systems.simulator.bernoulli_glm import BernoulliGLM as BernoulliGLM
from isinglass.systems.simulator.common_mean import CommonMean as CommonMean
from isinglass.systems.simulator.epidemic import Epidemic as Epidemic
from isinglass.systems.simulator.gaussian_linear import GaussianLinear as GaussianLinear
from isinglass.systems.simulator.gaussian_uniform import GaussianUniform as GaussianUniform
from isinglass.systems.simulator.log_likelihood import LogLikelihood as LogLikelihood
from isinglass.systems.simulator.noisy_model import NoisyModel as NoisyModel
from isinglass.systems.simulator.noisy_model import cholesky_of as cholesky_of
from isinglass.systems.simulator.predator_prey import PredatorPrey as PredatorPrey
from isinglass.systems.simulator.prior import Prior as Prior
from isinglass.systems.simulator.prior import make_prior as make_prior
from isinglass.systems.simulator.prior import unbounded as unbounded
from isinglass.systems.simulator.rate_equation import runge_kutta as runge_kutta
from isinglass.systems.simulator.score_summary import ScoreSummary as ScoreSummary
from isinglass.systems.simulator.simulator import AbstractSimulator as AbstractSimulator
from isinglass.systems.simulator.slcp import SLCP as SLCP
from isinglass.systems.simulator.two_moons import TwoMoons as TwoMoons
