# SPDX-License-Identifier: Apache-2.0
"""Networks that say data in a few numbers, trained with what uses these."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
