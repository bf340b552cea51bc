# SPDX-License-Identifier: Apache-2.0
"""Posteriors that change when ε is halved are refuted, those that do not pass, and few samples do not decide."""

import numpy as np
import pytest

from isinglass.checks.learning.tolerance import Halved, bounded, enough_accepted, small_enough


def verdicts(u, inner, epsilon=1.0):
    return [check.verdict for check in small_enough(u, inner, epsilon, np.random.default_rng(0))]


def some(n, d=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_thresholds():
    """0.9 of the tolerance passes, 1.1 is refuted; within two and four errors of it neither."""
    assert bounded("", Halved(0.18, 0.0)).verdict == "pass"
    assert bounded("", Halved(0.22, 0.0)).verdict == "fail"
    assert bounded("", Halved(0.18, 0.011)).verdict == "unknown"
    assert bounded("", Halved(0.22, 0.006)).verdict == "unknown"
    assert enough_accepted(110, "").verdict == "pass"
    assert enough_accepted(90, "").verdict == "unknown"


def test_some_of_all_are_like_all():
    u = some(4000)
    assert verdicts(u, u[:2000]) == ["pass", "pass"]


def test_a_shift_of_half_a_width_is_refuted():
    u = some(4000)
    assert verdicts(u, u[u[:, 0] > -0.4][:2000])[0] == "fail"


def test_a_posterior_that_shrinks_is_refuted():
    """x = θ without noise: θ is uniform within ε, and its mean stays; the entropy falls by ln 2."""
    u = np.random.default_rng(0).uniform(-1, 1, (2000, 1))
    assert verdicts(u, u[np.abs(u[:, 0]) < 0.5]) == ["pass", "fail"]


def test_thin_structure_is_seen():
    """A ring whose thickness halves: mean and deviation stay as they are."""
    rng = np.random.default_rng(0)
    angle, off = rng.uniform(0, 2 * np.pi, 4000), rng.uniform(-1, 1, 4000)
    ring = lambda width: (1 + width * off)[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)  # noqa: E731
    u = ring(0.2)
    assert verdicts(u, u[np.abs(off) < 0.4]) == ["pass", "fail"]


@pytest.mark.parametrize("n", [0, 3, 15])
def test_few_do_not_decide(n):
    u = some(200)
    assert verdicts(u, u[:n]) == ["unknown"]


def test_a_hundred_do_not_decide():
    u = some(200)
    assert verdicts(u, u[:60])[0] == "unknown"


def test_data_that_are_equal_have_no_tolerance():
    u = some(200)
    assert verdicts(u, u, epsilon=0.0) == ["pass"]


def test_repeated_parameters_have_an_entropy():
    u = np.repeat(some(500), 4, axis=0)
    assert verdicts(u, u[:1000])[1] != "fail"
