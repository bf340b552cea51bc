# SPDX-License-Identifier: Apache-2.0
"""Variational Monte Carlo: neural quantum states, their sampling, measurement and optimization."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
