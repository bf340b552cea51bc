# SPDX-License-Identifier: Apache-2.0
"""Where chains begin: a mode that is known is met."""

import jax
import numpy as np
import pytest

from isinglass import sample
from isinglass.errors import InputError
from isinglass.sampling.ensemble.start import starts
from isinglass.systems import GaussianMixture

needle = GaussianMixture([[0.0, 0.0], [8.0, 0.0]], scale=[[3.0, 3.0], [0.02, 0.02]])


def test_half_of_the_chains_begin_in_the_known_modes():
    x = np.asarray(starts(jax.random.key(0), needle, 2, 8, "random"))
    np.testing.assert_array_equal(x[:, ::2], np.tile(np.asarray(needle.mean), (2, 2, 1)))
    assert len(np.unique(x[:, 1::2, 0])) == 8


def test_modes_that_are_no_configurations_are_refused(monkeypatch):
    monkeypatch.setattr(GaussianMixture, "known_modes", lambda self: self.mean[:, :1])
    with pytest.raises(InputError, match=r"expected known_modes of shape \[K, 2\]; found \(2, 1\); give one"):
        starts(jax.random.key(0), needle, 1, 4, "random")


def test_a_needle_that_half_of_the_weight_is_in_does_not_pass_unmet():
    """<x_0> = 4; chains that began elsewhere said 0.05(7), which passed."""
    result = sample(0, needle, chains=8, effective_samples=None)
    assert result.verdict != "pass" or abs(result.estimates["x_0"].value - 4) < 5 * result.estimates["x_0"].error
