# SPDX-License-Identifier: Apache-2.0
"""Variational Monte Carlo: neural states, how they are sampled, measured and optimized."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
