# SPDX-License-Identifier: Apache-2.0
"""What several tasks make of their samples and states: corrected, measured, recorded."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
