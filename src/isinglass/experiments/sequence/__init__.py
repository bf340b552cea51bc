# SPDX-License-Identifier: Apache-2.0
"""Predictors of symbols beside sources whose entropy is known."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
