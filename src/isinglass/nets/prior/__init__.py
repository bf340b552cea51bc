# SPDX-License-Identifier: Apache-2.0
"""The table of priors: for a symmetry or a law, the network that holds it exactly."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
