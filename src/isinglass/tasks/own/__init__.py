# SPDX-License-Identifier: Apache-2.0
"""Tasks on what a user has as plain functions and arrays: an energy to sample, samples whose density is wanted."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
