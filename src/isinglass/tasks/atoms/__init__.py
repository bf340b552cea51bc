# SPDX-License-Identifier: Apache-2.0
"""Interatomic potentials: learned from frames; atoms in them, moved at a temperature or brought to rest."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
