# SPDX-License-Identifier: Apache-2.0
"""Laws of the loss of trained networks in parameters, tokens and compute."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
