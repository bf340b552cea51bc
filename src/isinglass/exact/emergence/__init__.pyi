# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.emergence import exact_match as exact_match
from isinglass.exact.emergence import modular_addition as modular_addition
from isinglass.exact.emergence.exact_match import LARGEST_SLOPE as LARGEST_SLOPE
from isinglass.exact.emergence.exact_match import mean_solutions as mean_solutions
from isinglass.exact.emergence.exact_match import perceptron_error as perceptron_error
from isinglass.exact.emergence.exact_match import transition as transition
from isinglass.exact.emergence.modular_addition import PHASES as PHASES
from isinglass.exact.emergence.modular_addition import Quadratic as Quadratic
from isinglass.exact.emergence.modular_addition import answers as answers
from isinglass.exact.emergence.modular_addition import fourier_solution as fourier_solution
from isinglass.exact.emergence.modular_addition import frequency_shares as frequency_shares
from isinglass.exact.emergence.modular_addition import phase_sums as phase_sums
from isinglass.exact.emergence.modular_addition import shift_share as shift_share
