# SPDX-License-Identifier: Apache-2.0
"""Predictors of symbols that count: words and what followed them."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
