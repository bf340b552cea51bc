# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension of a data matrix."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
