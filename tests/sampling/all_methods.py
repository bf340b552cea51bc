# SPDX-License-Identifier: Apache-2.0
"""The class of every sampling method, found as the command line finds it: a new file is tested by every law."""

import importlib

from isinglass.sampling.chain.requirement import continuous_variables
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.method import methods

METHODS = {name: getattr(importlib.import_module(module), cls) for name, (module, cls) in methods().items()}
CONTINUOUS = {name: cls for name, cls in METHODS.items() if continuous_variables in cls.requires}
SWEEPS = {name: cls for name, cls in METHODS.items() if issubclass(cls, AbstractSampler) and name not in CONTINUOUS}
