# SPDX-License-Identifier: Apache-2.0
"""Sampling by the verb: what is kept, and what is not."""

import numpy as np

from isinglass import sample
from isinglass.systems import Ising


def test_without_configurations_the_same_energies_are_there():
    """Planted: another key gives others."""
    plan = {"samples": 64, "chains": 8, "thin": 1, "warmup": 10, "effective_samples": None}
    found, bare, other = (
        sample(key, Ising((4, 4)), [2.0, 3.0], **plan, configurations=keep)
        for key, keep in ((0, True), (0, False), (1, False))
    )
    assert "configurations" not in bare.arrays
    assert "samples" not in bare.figures
    for name in ("energy", "order_parameter", "temperature", "chain", "draw"):
        np.testing.assert_array_equal(found.arrays[name], bare.arrays[name])
    assert not np.array_equal(found.arrays["energy"], other.arrays["energy"])
