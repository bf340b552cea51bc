# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.sequence import word_counts as word_counts
from isinglass.approximation.sequence.word_counts import MOST_WORDS as MOST_WORDS
from isinglass.approximation.sequence.word_counts import counted_losses as counted_losses
