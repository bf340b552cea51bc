# SPDX-License-Identifier: Apache-2.0
"""Autocorrelation, convergence, resampling, weights, goodness of fit."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
