# SPDX-License-Identifier: Apache-2.0
"""Free energies of a few particles by quadrature."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
