# SPDX-License-Identifier: Apache-2.0
"""Experiments with lattice models: phases, critical slowing down, free energies, spin glasses."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
