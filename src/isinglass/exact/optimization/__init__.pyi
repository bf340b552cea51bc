# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.optimization import escape as escape
from isinglass.exact.optimization import quadratic as quadratic
from isinglass.exact.optimization import spin_landscape as spin_landscape
from isinglass.exact.optimization.escape import kramers_exponent as kramers_exponent
from isinglass.exact.optimization.escape import passage_time as passage_time
from isinglass.exact.optimization.escape import stationary_density as stationary_density
from isinglass.exact.optimization.quadratic import Descent as Descent
from isinglass.exact.optimization.quadratic import best_descent as best_descent
from isinglass.exact.optimization.quadratic import best_heavy_ball as best_heavy_ball
from isinglass.exact.optimization.quadratic import contraction as contraction
from isinglass.exact.optimization.quadratic import largest_rate as largest_rate
from isinglass.exact.optimization.quadratic import minibatch_covariance as minibatch_covariance
from isinglass.exact.optimization.quadratic import stationary_variance as stationary_variance
from isinglass.exact.optimization.spin_landscape import index_fraction as index_fraction
from isinglass.exact.optimization.spin_landscape import threshold_energy as threshold_energy
