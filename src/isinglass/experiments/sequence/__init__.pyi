# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.sequence import data_curve as data_curve
from isinglass.experiments.sequence import entropy_floor as entropy_floor
from isinglass.experiments.sequence import predictor as predictor
from isinglass.experiments.sequence.entropy_floor import EntropyFloor as EntropyFloor
from isinglass.experiments.sequence.entropy_floor import KnownEntropy as KnownEntropy
from isinglass.experiments.sequence.entropy_floor import known_sources as known_sources
from isinglass.experiments.sequence.predictor import Sequences as Sequences
from isinglass.experiments.sequence.predictor import SymbolLosses as SymbolLosses
from isinglass.experiments.sequence.predictor import causal as causal
from isinglass.experiments.sequence.predictor import floor_checks as floor_checks
from isinglass.experiments.sequence.predictor import measured as measured
from isinglass.experiments.sequence.predictor import trained_transformer as trained_transformer
