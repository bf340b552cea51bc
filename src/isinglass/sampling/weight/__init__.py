# SPDX-License-Identifier: Apache-2.0
"""Importance weights, and the free energies that follow from them."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
