# SPDX-License-Identifier: Apache-2.0
"""Energies of atoms near a minimum: the minimum, elastic constants, phonons."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
