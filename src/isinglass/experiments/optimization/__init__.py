# SPDX-License-Identifier: Apache-2.0
"""Experiments on descent and on what keeps weights small, beside exact laws."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
