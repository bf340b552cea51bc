# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.posterior import estimator as estimator
from isinglass.tasks.posterior import evidence as evidence
from isinglass.tasks.posterior import given_prior as given_prior
from isinglass.tasks.posterior import infer_likelihood as infer_likelihood
from isinglass.tasks.posterior import infer_posterior as infer_posterior
from isinglass.tasks.posterior import posterior_file as posterior_file
from isinglass.tasks.posterior import rounds as rounds
from isinglass.tasks.posterior.estimator import AbstractEstimator as AbstractEstimator
from isinglass.tasks.posterior.estimator import AtObservation as AtObservation
from isinglass.tasks.posterior.estimator import ESTIMATORS as ESTIMATORS
from isinglass.tasks.posterior.evidence import PairSides as PairSides
from isinglass.tasks.posterior.evidence import PosteriorEvidence as PosteriorEvidence
from isinglass.tasks.posterior.given_prior import called_with as called_with
from isinglass.tasks.posterior.given_prior import checked_likelihood as checked_likelihood
from isinglass.tasks.posterior.given_prior import edge_notes as edge_notes
from isinglass.tasks.posterior.given_prior import of_simulator as of_simulator
from isinglass.tasks.posterior.given_prior import prior_of as prior_of
from isinglass.tasks.posterior.infer_likelihood import InferLikelihood as InferLikelihood
from isinglass.tasks.posterior.infer_posterior import InferPosterior as InferPosterior
from isinglass.tasks.posterior.posterior_file import PosteriorFile as PosteriorFile
from isinglass.tasks.posterior.rounds import Fitted as Fitted
from isinglass.tasks.posterior.rounds import Rounds as Rounds
