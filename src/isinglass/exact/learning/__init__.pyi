# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.learning import information as information
from isinglass.exact.learning import kernel_regression as kernel_regression
from isinglass.exact.learning import linear_regression as linear_regression
from isinglass.exact.learning import quantization as quantization
from isinglass.exact.learning import random_matrix as random_matrix
from isinglass.exact.learning import signal_detection as signal_detection
from isinglass.exact.learning.information import bayes_accuracy_of_gaussians as bayes_accuracy_of_gaussians
from isinglass.exact.learning.information import gaussian_entropy as gaussian_entropy
from isinglass.exact.learning.information import gaussian_kl as gaussian_kl
from isinglass.exact.learning.information import jensen_shannon as jensen_shannon
from isinglass.exact.learning.information import poisson_auc as poisson_auc
from isinglass.exact.learning.information import two_gaussian_error as two_gaussian_error
from isinglass.exact.learning.kernel_regression import KernelError as KernelError
from isinglass.exact.learning.kernel_regression import kernel_error as kernel_error
from isinglass.exact.learning.kernel_regression import power_spectrum as power_spectrum
from isinglass.exact.learning.linear_regression import dropout_penalty as dropout_penalty
from isinglass.exact.learning.linear_regression import early_stopping_shrinkage as early_stopping_shrinkage
from isinglass.exact.learning.linear_regression import least_squares_risks as least_squares_risks
from isinglass.exact.learning.linear_regression import min_norm_risk as min_norm_risk
from isinglass.exact.learning.linear_regression import ridge_bias_variance as ridge_bias_variance
from isinglass.exact.learning.linear_regression import ridge_optimum as ridge_optimum
from isinglass.exact.learning.linear_regression import ridge_risk as ridge_risk
from isinglass.exact.learning.linear_regression import separable_probability as separable_probability
from isinglass.exact.learning.quantization import lloyd_max as lloyd_max
from isinglass.exact.learning.random_matrix import Spike as Spike
from isinglass.exact.learning.random_matrix import covariance_spike as covariance_spike
from isinglass.exact.learning.random_matrix import marchenko_pastur_density as marchenko_pastur_density
from isinglass.exact.learning.random_matrix import marchenko_pastur_edges as marchenko_pastur_edges
from isinglass.exact.learning.random_matrix import wigner_spike as wigner_spike
from isinglass.exact.learning.signal_detection import known_signal_accuracy as known_signal_accuracy
from isinglass.exact.learning.signal_detection import known_signal_auc as known_signal_auc
from isinglass.exact.learning.signal_detection import known_signal_power as known_signal_power
from isinglass.exact.learning.signal_detection import unknown_phase_auc as unknown_phase_auc
from isinglass.exact.learning.signal_detection import unknown_phase_power as unknown_phase_power
