# SPDX-License-Identifier: Apache-2.0
"""Posteriors p(θ given x) of simulators whose likelihood cannot be written down."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
