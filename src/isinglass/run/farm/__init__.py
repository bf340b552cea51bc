# SPDX-License-Identifier: Apache-2.0
"""Many independent simulations on the workers of any executor."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
