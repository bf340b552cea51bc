# SPDX-License-Identifier: Apache-2.0
"""Files that PyTorch wrote, read without it, as records and arrays; nothing that they name is called."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
