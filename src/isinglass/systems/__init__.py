# SPDX-License-Identifier: Apache-2.0
"""Systems and their energies: one file, one system."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
