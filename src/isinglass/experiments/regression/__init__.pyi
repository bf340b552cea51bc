# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.regression import double_descent as double_descent
from isinglass.experiments.regression import features_ensemble as features_ensemble
from isinglass.experiments.regression import kernel_ensemble as kernel_ensemble
from isinglass.experiments.regression import kernel_exponents as kernel_exponents
from isinglass.experiments.regression import ridge_ensemble as ridge_ensemble
from isinglass.experiments.regression import ridge_theory as ridge_theory
from isinglass.experiments.regression.double_descent import DoubleDescent as DoubleDescent
from isinglass.experiments.regression.features_ensemble import FeatureRisks as FeatureRisks
from isinglass.experiments.regression.features_ensemble import feature_risks as feature_risks
from isinglass.experiments.regression.features_ensemble import weak_features as weak_features
from isinglass.experiments.regression.kernel_ensemble import kernel_errors as kernel_errors
from isinglass.experiments.regression.kernel_exponents import KernelExponents as KernelExponents
from isinglass.experiments.regression.ridge_ensemble import Fits as Fits
from isinglass.experiments.regression.ridge_ensemble import RidgeRisks as RidgeRisks
from isinglass.experiments.regression.ridge_ensemble import fits as fits
from isinglass.experiments.regression.ridge_ensemble import least_squares as least_squares
from isinglass.experiments.regression.ridge_ensemble import ridge_risks as ridge_risks
from isinglass.experiments.regression.ridge_theory import RidgeTheory as RidgeTheory
