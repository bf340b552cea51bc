# SPDX-License-Identifier: Apache-2.0
"""Networks, each with the symmetry it holds; the folders are what they are used for."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
