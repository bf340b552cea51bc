# SPDX-License-Identifier: Apache-2.0
"""Sampling exp(-beta E(x)) / Z: one file, one algorithm."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
