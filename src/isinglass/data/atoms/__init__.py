# SPDX-License-Identifier: Apache-2.0
"""Frames of atoms with energies, forces and stresses, from files that ASE reads."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
