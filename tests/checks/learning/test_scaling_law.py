# SPDX-License-Identifier: Apache-2.0
"""Checks of scaling laws: thresholds pinned, false alarms counted, planted errors seen."""

import numpy as np
import pytest

from isinglass.checks import scaling_law as of

RNG = np.random.default_rng(0)
SIZES = {"parameters": np.exp(RNG.normal(size=100)), "tokens": np.exp(RNG.normal(size=100))}


@pytest.mark.parametrize(
    ("check", "bound", "missed"),
    [(lambda a: of.runs_enough(5 + round(10 / a), 5), 1, "unknown"),
     (lambda a: of.starts_agree(0.1 * a, 27, 27), 1, "unknown"),
     (lambda a: of.exponent_determined("tokens", 1.0, 2.0 * a, 1.0), 1, "unknown"),
     (lambda a: of.floor_determined(0.0, 0.5 * a, 1.0), 1, "unknown"),
     (lambda a: of.sizes_vary_alone(-0.9 if a < 1 else -0.995), 1, "unknown"),
     (lambda a: of.compute_as_counted(np.full(20, np.exp(0.25 * a)), 6.0), 1, "fail"),
     (lambda a: of.errors_resampled(round(10 / a)), 1, "unknown"),
     (lambda a: of.residuals_unlike(0.75 * a, 1e-9, 100, grouped=True), 1, "fail"),
     (lambda a: of.residuals_unlike(0.1, 1e-4 / a, 100, grouped=False), 1, "fail"),
     (lambda a: of.stays_without_far_runs(0.5 * a, 3), 1, "unknown"),
     (lambda a: of.extrapolates(-0.04 * a, 0.01, 9), 1, "fail"),
     (lambda a: of.floor_predicts(1.2 * a, {"straight line": 1.0, "without floor": 3.0}), 1, "unknown"),
     (lambda a: of.not_far_beyond(1e24 * a, 1e22), 1, "unknown")],
)  # fmt: skip
def test_thresholds(check, bound, missed):
    assert check(0.9 * bound).verdict in ("pass", "unknown" if "p-value" in check(0.9).law else "pass")
    assert check(1.1 * bound).verdict == missed


def test_what_cannot_be_told_is_unknown():
    assert of.starts_agree(0.0, 5, 27).verdict == "unknown"
    assert of.exponent_determined("tokens", 1.0, 1.1, 0.9).verdict == "unknown"
    assert of.extrapolates(0.0, 0.06, 9).verdict == "unknown"
    assert of.residuals_unlike(0.9, 1e-3, 20, grouped=True).verdict == "unknown"
    assert of.trends(np.full(100, np.nan), SIZES).verdict == "unknown"
    assert of.trends(RNG.normal(size=20), {"tokens": np.arange(1.0, 21)}).verdict == "unknown"


def test_trends_are_seen_and_noise_is_not():
    """False alarm below 1e-4: none in 300 tables; planted: a bend 1.6 times as large as the noise."""
    noise = RNG.normal(size=(300, 100))
    assert all(of.trends(r, SIZES).verdict == "pass" for r in noise)
    bend = np.log(SIZES["tokens"]) ** 2
    found = [of.trends(r + 1.6 * bend / bend.std(), SIZES) for r in noise[:100]]
    assert np.mean([check.verdict == "fail" for check in found]) > 0.9
    assert "degree 2 in tokens" in found[0].law


def test_sizes_that_do_not_vary_have_no_trend():
    made = of.shapes({"parameters": np.full(50, 1e9), "tokens": np.arange(1.0, 51)})
    assert len(made) == 5
    assert all("tokens" in name for name in made)
    assert [abs(shape.mean()) for shape in made.values()] == pytest.approx([0.0] * 5, abs=1e-12)
