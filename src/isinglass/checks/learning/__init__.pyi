# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.checks.learning import detection as detection
from isinglass.checks.learning import information as information
from isinglass.checks.learning import regression as regression
from isinglass.checks.learning.detection import calibrated as calibrated
from isinglass.checks.learning.detection import calibration_p_value as calibration_p_value
from isinglass.checks.learning.detection import enough_rows as enough_rows
from isinglass.checks.learning.detection import labels_hidden as labels_hidden
from isinglass.checks.learning.detection import near_optimum as near_optimum
from isinglass.checks.learning.detection import not_above_optimum as not_above_optimum
from isinglass.checks.learning.detection import not_below_baseline as not_below_baseline
from isinglass.checks.learning.detection import ratio_is_true as ratio_is_true
from isinglass.checks.learning.detection import told_apart as told_apart
from isinglass.checks.learning.information import information_kept as information_kept
from isinglass.checks.learning.information import no_more_than_all as no_more_than_all
from isinglass.checks.learning.information import width_kept as width_kept
from isinglass.checks.learning.regression import class_probabilities as class_probabilities
from isinglass.checks.learning.regression import columns_independent as columns_independent
from isinglass.checks.learning.regression import errors_explain_scatter as errors_explain_scatter
from isinglass.checks.learning.regression import no_curvature as no_curvature
from isinglass.checks.learning.regression import no_repeats as no_repeats
from isinglass.checks.learning.regression import not_the_target as not_the_target
from isinglass.checks.learning.regression import nothing_separates as nothing_separates
from isinglass.checks.learning.regression import predictive_uniform as predictive_uniform
from isinglass.checks.learning.regression import prior_found as prior_found
from isinglass.checks.learning.regression import residuals_independent as residuals_independent
from isinglass.checks.learning.regression import residuals_normal as residuals_normal
from isinglass.checks.learning.regression import rows_enough as rows_enough
from isinglass.checks.learning.regression import rows_finite as rows_finite
from isinglass.checks.learning.regression import rows_of_each_class as rows_of_each_class
from isinglass.checks.learning.regression import same_width as same_width
from isinglass.checks.learning.regression import solved as solved
