# SPDX-License-Identifier: Apache-2.0
"""Approximating functions too complex for a basis expansion: ground states and motions of quantum systems."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
