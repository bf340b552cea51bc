# SPDX-License-Identifier: Apache-2.0
"""Fields of density, galaxies and distances as simulators of their parameters."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
