# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.cosmology import cosmology_parameters as cosmology_parameters
from isinglass.experiments.cosmology.cosmology_parameters import CosmologyParameters as CosmologyParameters
from isinglass.experiments.cosmology.cosmology_parameters import bound_checks as bound_checks
from isinglass.experiments.cosmology.cosmology_parameters import width_ratio as width_ratio
