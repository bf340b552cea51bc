# SPDX-License-Identifier: Apache-2.0
"""Potential-energy surfaces and densities in a few coordinates."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
