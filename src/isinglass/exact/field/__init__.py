# SPDX-License-Identifier: Apache-2.0
"""Free, Gaussian, quartic and U(1) fields on small lattices."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
