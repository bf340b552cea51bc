# SPDX-License-Identifier: Apache-2.0
"""Figures, tables and the page of a result; nothing here runs physics."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
