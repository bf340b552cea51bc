# SPDX-License-Identifier: Apache-2.0
"""Homogeneous universes, the growth of structure in them, and what a Gaussian field tells of its spectrum."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
