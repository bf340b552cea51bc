# SPDX-License-Identifier: Apache-2.0
"""Lattice models solved exactly: Onsager, Yang, Kaufman, transfer matrices, enumeration."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
