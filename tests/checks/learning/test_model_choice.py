# SPDX-License-Identifier: Apache-2.0
"""Odds that are not known do not choose; an observation of no model is refuted."""

import numpy as np
import pytest

from isinglass.checks.learning.model_choice import one_in_range, resolved


@pytest.mark.parametrize(("log_factor", "error", "verdict"), [
    (1.0, 0.45, "pass"), (1.0, 0.55, "unknown"), (30.0, 2.7, "pass"), (30.0, 3.3, "unknown"), (-30.0, 2.7, "pass"),
])  # fmt: skip
def test_the_error_of_the_odds(log_factor, error, verdict):
    """0.9 of the bound passes, 1.1 does not."""
    assert resolved(log_factor, error, ("a", "b")).verdict == verdict


def test_one_model_in_range_is_enough():
    rng = np.random.default_rng(0)
    rows = {"far": rng.normal(20, 1, (3000, 2)), "near": rng.normal(0, 1, (3000, 2))}
    found = one_in_range(np.zeros(2), rows)
    assert found.verdict == "pass"
    assert found.law.startswith("near")
    assert one_in_range(np.array([9.0, 9.0]), rows).verdict == "fail"
