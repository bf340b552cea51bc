# SPDX-License-Identifier: Apache-2.0
"""Experiments with quantum many-body systems: ground states, quenches, entanglement."""

from isinglass.contents import hand_out

__getattr__, __dir__ = hand_out(__name__, __file__)
