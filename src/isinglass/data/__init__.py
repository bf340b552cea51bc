# SPDX-License-Identifier: Apache-2.0
"""Reading and writing data files, one format per module."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
