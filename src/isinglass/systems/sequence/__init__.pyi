# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.systems.sequence import dirichlet_chains as dirichlet_chains
from isinglass.systems.sequence import hidden_markov_source as hidden_markov_source
from isinglass.systems.sequence import markov_source as markov_source
from isinglass.systems.sequence import source as source
from isinglass.systems.sequence.dirichlet_chains import DirichletChains as DirichletChains
from isinglass.systems.sequence.hidden_markov_source import HiddenMarkovSource as HiddenMarkovSource
from isinglass.systems.sequence.markov_source import MarkovSource as MarkovSource
from isinglass.systems.sequence.source import AbstractSource as AbstractSource
from isinglass.systems.sequence.source import drawn as drawn
from isinglass.systems.sequence.source import twice as twice
