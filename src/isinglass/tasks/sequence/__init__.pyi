# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.sequence import approximate_sequence as approximate_sequence
from isinglass.tasks.sequence import symbol_rows as symbol_rows
from isinglass.tasks.sequence.approximate_sequence import ApproximateSequence as ApproximateSequence
from isinglass.tasks.sequence.symbol_rows import SymbolRows as SymbolRows
from isinglass.tasks.sequence.symbol_rows import SymbolsFile as SymbolsFile
from isinglass.tasks.sequence.symbol_rows import Windows as Windows
from isinglass.tasks.sequence.symbol_rows import checked_symbols as checked_symbols
from isinglass.tasks.sequence.symbol_rows import split_windows as split_windows
