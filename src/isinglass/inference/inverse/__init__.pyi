# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.inverse import chains as chains
from isinglass.inference.inverse import couplings as couplings
from isinglass.inference.inverse import pseudolikelihood as pseudolikelihood
from isinglass.inference.inverse.chains import heat_bath_chains as heat_bath_chains
from isinglass.inference.inverse.couplings import Couplings as Couplings
from isinglass.inference.inverse.couplings import METHODS as METHODS
from isinglass.inference.inverse.couplings import SpinSamples as SpinSamples
from isinglass.inference.inverse.pseudolikelihood import SpinRegressions as SpinRegressions
