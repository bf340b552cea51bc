# SPDX-License-Identifier: Apache-2.0
"""Finding what is hidden in what is seen."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
