# SPDX-License-Identifier: Apache-2.0
"""Interatomic potentials, learned from labelled frames of atoms."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
