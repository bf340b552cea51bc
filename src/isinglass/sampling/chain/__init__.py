# SPDX-License-Identifier: Apache-2.0
"""Markov chains: transition kernels that leave exp(-beta E) / Z invariant."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
