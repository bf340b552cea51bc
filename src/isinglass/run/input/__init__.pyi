# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.run.input import reader_process as reader_process
from isinglass.run.input import regular_file as regular_file
from isinglass.run.input import separate_reader as separate_reader
from isinglass.run.input.regular_file import file_size as file_size
from isinglass.run.input.separate_reader import StoredGroup as StoredGroup
from isinglass.run.input.separate_reader import is_hdf5 as is_hdf5
from isinglass.run.input.separate_reader import read_separately as read_separately
