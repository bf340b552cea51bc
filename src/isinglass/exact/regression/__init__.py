# SPDX-License-Identifier: Apache-2.0
"""Errors of linear, kernel and random-features regression in closed form."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
