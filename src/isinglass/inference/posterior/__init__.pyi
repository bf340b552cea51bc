# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.posterior import linear_baseline as linear_baseline
from isinglass.inference.posterior import neural_posterior as neural_posterior
from isinglass.inference.posterior import simulations as simulations
from isinglass.inference.posterior.linear_baseline import linear_log_prob as linear_log_prob
from isinglass.inference.posterior.neural_posterior import EMBEDDINGS as EMBEDDINGS
from isinglass.inference.posterior.neural_posterior import EmbeddedFlow as EmbeddedFlow
from isinglass.inference.posterior.neural_posterior import GivenObservation as GivenObservation
from isinglass.inference.posterior.neural_posterior import NegativeLogPosterior as NegativeLogPosterior
from isinglass.inference.posterior.neural_posterior import NeuralPosterior as NeuralPosterior
from isinglass.inference.posterior.neural_posterior import best_flow as best_flow
from isinglass.inference.posterior.neural_posterior import standardized as standardized
from isinglass.inference.posterior.neural_posterior import untrained_posterior as untrained_posterior
from isinglass.inference.posterior.simulations import Simulations as Simulations
from isinglass.inference.posterior.simulations import fewer_rows as fewer_rows
from isinglass.inference.posterior.simulations import finite_pairs as finite_pairs
from isinglass.inference.posterior.simulations import run_simulations as run_simulations
