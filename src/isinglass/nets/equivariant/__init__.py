# SPDX-License-Identifier: Apache-2.0
"""Functions of atoms and their neighbors that hold E(3): energies that no motion of the frame changes."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
