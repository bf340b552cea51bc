# SPDX-License-Identifier: Apache-2.0
"""A threshold on one number: the best one is found, whichever side; held-out rows play no part in the choice."""

import numpy as np
import pytest

from isinglass.inference.phases.threshold import best_threshold, threshold_hits


@pytest.mark.parametrize("sign", [1, -1])
def test_the_best_threshold_is_that_of_trying_all(sign):
    rng = np.random.default_rng(0)
    first = rng.random(60) < 0.5
    y = np.round(sign * first + rng.normal(size=60), 1)  # some values are equal
    at, above, accuracy = best_threshold(y, first)
    tried = [max(np.mean((y > cut) == first), np.mean((y <= cut) == first)) for cut in [-np.inf, *np.unique(y)]]
    assert accuracy == pytest.approx(max(tried))
    assert np.mean((y > at) == first if above else (y <= at) == first) == pytest.approx(accuracy)
    assert above == (sign > 0)


def test_no_cut_between_equal_values():
    first = np.array([True, False, True, False])
    assert best_threshold(np.ones(4), first)[2] == 0.5


def test_the_choice_is_made_on_the_other_rows():
    """Planted: a feature that is perfect on the held-out rows and noise on the others is not chosen."""
    rng = np.random.default_rng(1)
    first, test = rng.random(400) < 0.5, np.arange(400) >= 200
    good = first + 0.3 * rng.normal(size=400)
    leak = np.where(test, first, rng.random(400))
    hits = threshold_hits(np.stack([leak, good], axis=1), first, test)
    assert 0.9 < hits.mean() < 0.99
