# SPDX-License-Identifier: Apache-2.0
"""Does a result obey physics?  Each check compares one number with a law and never changes a result."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
