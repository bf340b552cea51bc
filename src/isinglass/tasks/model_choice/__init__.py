# SPDX-License-Identifier: Apache-2.0
"""Which of several models made an observation."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
