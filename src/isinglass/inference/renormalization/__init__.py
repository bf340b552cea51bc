# SPDX-License-Identifier: Apache-2.0
"""The renormalization group from configurations: block spins, where their flow turns, and its exponents."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
