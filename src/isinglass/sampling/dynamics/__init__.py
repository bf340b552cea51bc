# SPDX-License-Identifier: Apache-2.0
"""Molecular dynamics: integrators, baths and barostats, in compiled blocks of steps."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
