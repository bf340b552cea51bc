# SPDX-License-Identifier: Apache-2.0
"""Classical interatomic potentials: energies of atoms in closed form."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
