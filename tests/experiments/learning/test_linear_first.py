# SPDX-License-Identifier: Apache-2.0
"""Ridge against its theory: the claims hold for few data sets too, and a wrong penalty is seen."""

import jax
import pytest

from isinglass.experiments.learning.linear_first import LinearFirst

SMALL = {"n_rows": 120, "gammas": (0.5,), "draws": 12, "scan_rows": 40, "scan_draws": 8, "scan": (0.5, 1.0, 2.0)}


@pytest.fixture(scope="module")
def result():
    return LinearFirst(**SMALL).run(jax.random.key(0))  # pyright: ignore[reportArgumentType]


def test_the_claims_hold(result):
    assert result.verdict == "pass"
    assert result.estimates["risk/ridge_gamma_0.5"].value < result.estimates["risk/least_squares_gamma_0.5"].value


def test_a_penalty_with_another_factor_n_is_refuted(monkeypatch):
    """Planted: λ that is 120 times too large, as by a factor n that is counted twice."""
    from isinglass.experiments.learning import linear_first

    right = linear_first.ridge_optimum
    wrong = lambda gamma, noise, signal: right(gamma, noise, signal) * 120  # noqa: E731
    monkeypatch.setattr(linear_first, "ridge_optimum", wrong)
    monkeypatch.setattr(linear_first, "ridge_risk", lambda *given: 0.1753905297)
    found = LinearFirst(**SMALL).run(jax.random.key(0))  # pyright: ignore[reportArgumentType]
    (check,) = [c for c in found.checks if c.law.startswith("ridge risk")]
    assert check.verdict == "fail"
