# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.message_passing import generalized as generalized
from isinglass.inference.message_passing import low_rank as low_rank
from isinglass.inference.message_passing.generalized import GeneralizedPassing as GeneralizedPassing
from isinglass.inference.message_passing.generalized import PassingState as PassingState
from isinglass.inference.message_passing.low_rank import SpikePassing as SpikePassing
from isinglass.inference.message_passing.low_rank import SpikeState as SpikeState
from isinglass.inference.message_passing.low_rank import top_eigenpair as top_eigenpair
