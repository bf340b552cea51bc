# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.optimization import descent as descent
from isinglass.experiments.optimization import regularisers as regularisers
from isinglass.experiments.optimization import sgd_ensemble as sgd_ensemble
from isinglass.experiments.optimization import sgd_temperature as sgd_temperature
from isinglass.experiments.optimization.descent import descend as descend
from isinglass.experiments.optimization.regularisers import Regularisers as Regularisers
from isinglass.experiments.optimization.sgd_ensemble import minibatch_moments as minibatch_moments
from isinglass.experiments.optimization.sgd_ensemble import passages as passages
from isinglass.experiments.optimization.sgd_ensemble import quadratic_variances as quadratic_variances
from isinglass.experiments.optimization.sgd_ensemble import shares as shares
from isinglass.experiments.optimization.sgd_temperature import SGDTemperature as SGDTemperature
