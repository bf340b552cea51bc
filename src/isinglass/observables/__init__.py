# SPDX-License-Identifier: Apache-2.0
"""What is measured of configurations: two-point functions, spectra, order parameters, laws of one site."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
