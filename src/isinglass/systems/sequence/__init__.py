# SPDX-License-Identifier: Apache-2.0
"""Sources of symbols whose entropy is known: Markov chains, hidden ones, chains that are not known beforehand."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
