# SPDX-License-Identifier: Apache-2.0
"""Learning solved in closed form: regression, spectra of random matrices, information, quantization."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
