# SPDX-License-Identifier: Apache-2.0
"""Entropies of sources of symbols: Markov chains, hidden ones, and chains that are not known beforehand."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
