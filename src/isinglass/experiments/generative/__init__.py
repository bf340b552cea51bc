# SPDX-License-Identifier: Apache-2.0
"""Generative models beside their exact optimum."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
