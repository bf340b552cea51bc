# SPDX-License-Identifier: Apache-2.0
"""Least squares, ridge, logistic and softmax regression: the honest first thing to try."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
