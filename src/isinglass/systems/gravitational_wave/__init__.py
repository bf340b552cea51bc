# SPDX-License-Identifier: Apache-2.0
"""Gravitational waves in the noise of a detector: noise curves, chirps, the matched filter."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
