# SPDX-License-Identifier: Apache-2.0
"""Abilities that come suddenly, and whether they do: grokking, scores of many answers, a transition of first order."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
