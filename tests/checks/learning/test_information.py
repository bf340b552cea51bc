# SPDX-License-Identifier: Apache-2.0
"""Information in summaries: known shares are found; what knows θ is refuted, and widths too small or too large."""

import numpy as np
import pytest

from isinglass.checks.calibration import coverage
from isinglass.checks.learning.information import information_kept, no_more_than_all, width_kept
from isinglass.result import Estimate


def kept(seed, noise=0.0, leak=0.0, n=1000):
    """x ~ N(θ, 1), I = 1, seen with more noise: the share is 1/(1 + noise²).  A leak: θ itself is added."""
    rng = np.random.default_rng(seed)
    some = lambda theta: theta * (1 + leak) + (1 + noise**2) ** 0.5 * rng.normal(size=n)  # noqa: E731
    return information_kept(some(-0.5), some(0.0), some(0.5), 0.5, 1.0)


@pytest.mark.parametrize(("noise", "share"), [(0.0, 1.0), (1.0, 0.5), (3.0, 0.1)])
def test_the_share_is_found_and_its_error_covers(noise, share):
    found = [kept(seed, noise) for seed in range(300)]
    value, error = (np.array([getattr(one, name) for one in found]) for name in ("value", "error"))
    assert value.mean() == pytest.approx(share, abs=4 * value.std() / 300**0.5 + 0.01)
    assert coverage(value, error, share).verdict == "pass"


def test_a_summary_in_other_units_tells_as_much():
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 100)) + np.array([[-0.5], [0], [0.5]])
    one = information_kept(a, b, c, 0.5, 1.0)
    other = information_kept(3 - 1e9 * a, 3 - 1e9 * b, 3 - 1e9 * c, 0.5, 1.0)
    assert other.value == pytest.approx(one.value)


def test_a_summary_that_knows_the_answer_is_refuted():
    right = [no_more_than_all(kept(seed), "", "s").verdict for seed in range(50)]
    assert "fail" not in right
    assert [no_more_than_all(kept(seed, leak=0.6), "", "s").verdict for seed in range(50)].count("fail") >= 45


@pytest.mark.parametrize(
    ("width", "verdict"), [(0.95, "fail"), (0.98, "pass"), (1.0, "pass"), (1.09, "pass"), (1.12, "fail")])  # fmt: skip
def test_widths(width, verdict):
    assert width_kept(Estimate(width, 1e-3), "", "width").verdict == verdict


def test_a_width_that_is_not_known_is_not_refuted():
    assert width_kept(Estimate(1.3, 0.1), "", "width").verdict == "pass"
