# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.prior import prior_case as prior_case
from isinglass.experiments.prior import priors as priors
from isinglass.experiments.prior import translation_symmetry as translation_symmetry
from isinglass.experiments.prior.prior_case import CASES as CASES
from isinglass.experiments.prior.prior_case import PriorCase as PriorCase
from isinglass.experiments.prior.priors import AnglesMLP as AnglesMLP
from isinglass.experiments.prior.priors import Priors as Priors
from isinglass.experiments.prior.translation_symmetry import TranslationSymmetry as TranslationSymmetry
from isinglass.experiments.prior.translation_symmetry import striped as striped
