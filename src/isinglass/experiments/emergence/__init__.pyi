# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.emergence import emergence as emergence
from isinglass.experiments.emergence import grokking as grokking
from isinglass.experiments.emergence import modular_ensemble as modular_ensemble
from isinglass.experiments.emergence import planted_perceptron as planted_perceptron
from isinglass.experiments.emergence.emergence import Emergence as Emergence
from isinglass.experiments.emergence.grokking import Grokking as Grokking
from isinglass.experiments.emergence.modular_ensemble import LearnedTables as LearnedTables
from isinglass.experiments.emergence.modular_ensemble import QuadraticNetwork as QuadraticNetwork
from isinglass.experiments.emergence.modular_ensemble import TableLoss as TableLoss
from isinglass.experiments.emergence.modular_ensemble import learned_tables as learned_tables
from isinglass.experiments.emergence.modular_ensemble import sums as sums
from isinglass.experiments.emergence.planted_perceptron import Counted as Counted
from isinglass.experiments.emergence.planted_perceptron import asked as asked
from isinglass.experiments.emergence.planted_perceptron import planted_counts as planted_counts
