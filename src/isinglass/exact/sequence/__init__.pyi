# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.exact.sequence import dirichlet_chain as dirichlet_chain
from isinglass.exact.sequence import hidden_markov as hidden_markov
from isinglass.exact.sequence import markov_chain as markov_chain
from isinglass.exact.sequence.dirichlet_chain import bayes_losses as bayes_losses
from isinglass.exact.sequence.dirichlet_chain import log_evidence as log_evidence
from isinglass.exact.sequence.dirichlet_chain import predictions as predictions
from isinglass.exact.sequence.dirichlet_chain import single_symbol_predictions as single_symbol_predictions
from isinglass.exact.sequence.dirichlet_chain import true_rate as true_rate
from isinglass.exact.sequence.hidden_markov import EntropyBounds as EntropyBounds
from isinglass.exact.sequence.hidden_markov import block_entropies as block_entropies
from isinglass.exact.sequence.hidden_markov import entropy_bounds as entropy_bounds
from isinglass.exact.sequence.markov_chain import block_entropy as block_entropy
from isinglass.exact.sequence.markov_chain import entropy_rate as entropy_rate
from isinglass.exact.sequence.markov_chain import stationary_distribution as stationary_distribution
