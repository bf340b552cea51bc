# SPDX-License-Identifier: Apache-2.0
"""Descent on quadratics and over barriers: rates, stationary laws, passage times, all exact."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
