# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension of rows, from their nearest neighbors."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
