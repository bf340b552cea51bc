# SPDX-License-Identifier: Apache-2.0
"""Statistical mechanics and learning in one language: Boltzmann's law, entropy, maximum entropy, Fisher information."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
