# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.optimization import chebyshev_network as chebyshev_network
from isinglass.experiments.optimization import descent as descent
from isinglass.experiments.optimization import landscape as landscape
from isinglass.experiments.optimization import regularisers as regularisers
from isinglass.experiments.optimization import saddles as saddles
from isinglass.experiments.optimization import sgd_ensemble as sgd_ensemble
from isinglass.experiments.optimization import sgd_temperature as sgd_temperature
from isinglass.experiments.optimization import wide_ensemble as wide_ensemble
from isinglass.experiments.optimization import wide_networks as wide_networks
from isinglass.experiments.optimization.chebyshev_network import Edge as Edge
from isinglass.experiments.optimization.chebyshev_network import HessianProduct as HessianProduct
from isinglass.experiments.optimization.chebyshev_network import connected as connected
from isinglass.experiments.optimization.chebyshev_network import edge as edge
from isinglass.experiments.optimization.chebyshev_network import first_weights as first_weights
from isinglass.experiments.optimization.chebyshev_network import loss as loss
from isinglass.experiments.optimization.chebyshev_network import permuted as permuted
from isinglass.experiments.optimization.descent import descend as descend
from isinglass.experiments.optimization.landscape import Landscape as Landscape
from isinglass.experiments.optimization.regularisers import Regularisers as Regularisers
from isinglass.experiments.optimization.saddles import Saddles as Saddles
from isinglass.experiments.optimization.sgd_ensemble import minibatch_moments as minibatch_moments
from isinglass.experiments.optimization.sgd_ensemble import passages as passages
from isinglass.experiments.optimization.sgd_ensemble import quadratic_variances as quadratic_variances
from isinglass.experiments.optimization.sgd_ensemble import shares as shares
from isinglass.experiments.optimization.sgd_temperature import SGDTemperature as SGDTemperature
from isinglass.experiments.optimization.wide_ensemble import WideTrained as WideTrained
from isinglass.experiments.optimization.wide_networks import WideNetworks as WideNetworks
