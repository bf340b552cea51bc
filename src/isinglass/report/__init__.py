# SPDX-License-Identifier: Apache-2.0
"""Figures, tables and the HTML page of a result; nothing here computes results."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
