# SPDX-License-Identifier: Apache-2.0
"""Exact answers by linear algebra: diagonalization, Lanczos, Krylov evolution, matrix products."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
