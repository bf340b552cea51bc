# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.own import function_system as function_system
from isinglass.tasks.own import sample_function as sample_function
from isinglass.tasks.own.function_system import rows_of_starts as rows_of_starts
from isinglass.tasks.own.sample_function import SampleFunction as SampleFunction
