# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.memory import recall as recall
from isinglass.inference.memory.recall import Recalled as Recalled
