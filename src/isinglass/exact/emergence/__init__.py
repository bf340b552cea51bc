# SPDX-License-Identifier: Apache-2.0
"""What seems to emerge suddenly, solved: modular addition by Fourier modes, and scores of many answers at once."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
