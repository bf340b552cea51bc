# SPDX-License-Identifier: Apache-2.0
"""Checks of potentials, of atoms that move, and of atoms at rest."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
