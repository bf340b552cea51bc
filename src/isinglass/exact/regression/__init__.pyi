# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.regression import kernel_regression as kernel_regression
from isinglass.exact.regression import linear_regression as linear_regression
from isinglass.exact.regression import neural_tangent as neural_tangent
from isinglass.exact.regression import random_features as random_features
from isinglass.exact.regression.kernel_regression import KernelError as KernelError
from isinglass.exact.regression.kernel_regression import best_ridge as best_ridge
from isinglass.exact.regression.kernel_regression import exponents as exponents
from isinglass.exact.regression.kernel_regression import kernel_error as kernel_error
from isinglass.exact.regression.kernel_regression import mode_blocks as mode_blocks
from isinglass.exact.regression.kernel_regression import power_spectrum as power_spectrum
from isinglass.exact.regression.linear_regression import dropout_penalty as dropout_penalty
from isinglass.exact.regression.linear_regression import early_stopping_shrinkage as early_stopping_shrinkage
from isinglass.exact.regression.linear_regression import least_squares_risks as least_squares_risks
from isinglass.exact.regression.linear_regression import min_norm_risk as min_norm_risk
from isinglass.exact.regression.linear_regression import ridge_bias_variance as ridge_bias_variance
from isinglass.exact.regression.linear_regression import ridge_optimum as ridge_optimum
from isinglass.exact.regression.linear_regression import ridge_risk as ridge_risk
from isinglass.exact.regression.linear_regression import separable_probability as separable_probability
from isinglass.exact.regression.linear_regression import weak_features_error as weak_features_error
from isinglass.exact.regression.neural_tangent import WideKernels as WideKernels
from isinglass.exact.regression.neural_tangent import tangent_kernel as tangent_kernel
from isinglass.exact.regression.neural_tangent import trained_mean as trained_mean
from isinglass.exact.regression.random_features import Activation as Activation
from isinglass.exact.regression.random_features import FeaturesError as FeaturesError
from isinglass.exact.regression.random_features import RELU as RELU
from isinglass.exact.regression.random_features import best_penalty as best_penalty
from isinglass.exact.regression.random_features import features_error as features_error
