# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.run.text import record as record
from isinglass.run.text import schema as schema
from isinglass.run.text.record import ModelTable as ModelTable
from isinglass.run.text.record import NumberType as NumberType
from isinglass.run.text.record import ResultTable as ResultTable
from isinglass.run.text.record import result_record as result_record
from isinglass.run.text.schema import typed as typed
