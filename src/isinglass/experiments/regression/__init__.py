# SPDX-License-Identifier: Apache-2.0
"""Experiments on regression, whose errors theory has."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
