# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.generative import divergence as divergence
from isinglass.exact.generative import probabilistic_pca as probabilistic_pca
from isinglass.exact.generative.divergence import PenalizedCritic as PenalizedCritic
from isinglass.exact.generative.divergence import best_value as best_value
from isinglass.exact.generative.divergence import interpolated_density as interpolated_density
from isinglass.exact.generative.divergence import jensen_shannon as jensen_shannon
from isinglass.exact.generative.divergence import kullback_leibler as kullback_leibler
from isinglass.exact.generative.divergence import masses_of_map as masses_of_map
from isinglass.exact.generative.divergence import penalized_critic as penalized_critic
from isinglass.exact.generative.divergence import wasserstein as wasserstein
from isinglass.exact.generative.probabilistic_pca import LinearOptimum as LinearOptimum
from isinglass.exact.generative.probabilistic_pca import linear_optimum as linear_optimum
from isinglass.exact.generative.probabilistic_pca import log_likelihood as log_likelihood
from isinglass.exact.generative.probabilistic_pca import maximum_likelihood as maximum_likelihood
from isinglass.exact.generative.probabilistic_pca import principal_angle as principal_angle
from isinglass.exact.generative.probabilistic_pca import reconstruction_error as reconstruction_error
