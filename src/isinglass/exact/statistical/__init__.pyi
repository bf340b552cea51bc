# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.statistical import boltzmann as boltzmann
from isinglass.exact.statistical.boltzmann import MaximumEntropy as MaximumEntropy
from isinglass.exact.statistical.boltzmann import Thermodynamics as Thermodynamics
from isinglass.exact.statistical.boltzmann import boltzmann_law as boltzmann_law
from isinglass.exact.statistical.boltzmann import cross_entropy as cross_entropy
from isinglass.exact.statistical.boltzmann import fisher_information as fisher_information
from isinglass.exact.statistical.boltzmann import maximum_entropy as maximum_entropy
from isinglass.exact.statistical.boltzmann import softmax_hessian as softmax_hessian
from isinglass.exact.statistical.boltzmann import thermodynamics as thermodynamics
