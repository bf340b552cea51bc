# SPDX-License-Identifier: Apache-2.0
"""Checks of linear regression: right fits pass, each planted error is seen."""

import numpy as np
import pytest
from tests.checks.alarms import fails, may_fail

from isinglass.checks.learning import regression

TRIES, ROWS = 20, 300


def scores(rng, n=ROWS):
    """Of a right model."""
    return rng.normal(size=n)


def of_tries(check, make):
    """Verdicts of many tries."""
    return [check(make(np.random.default_rng(seed))).verdict for seed in range(TRIES)]


def uniform(rng):
    return rng.random(ROWS)


def width(rng, by=1.25):
    """σ that is too small by a fourth."""
    from scipy.stats import norm

    return norm.cdf(by * rng.normal(size=ROWS) / 1.0)


@pytest.mark.parametrize(
    ("check", "right"), [(regression.predictive_uniform, uniform), (regression.residuals_normal, scores),
                         (regression.residuals_independent, scores)])  # fmt: skip
def test_right_residuals_pass(check, right):
    """The rate of false alarms is 1e-4, of doubts 0.01."""
    found = of_tries(check, right)
    assert found.count("fail") == 0
    assert found.count("pass") >= TRIES - may_fail(0.01, TRIES)


def test_a_wrong_width_or_mean_is_refuted():
    from scipy.stats import norm

    assert of_tries(regression.predictive_uniform, width).count("fail") >= 16
    off = lambda rng: norm.cdf(rng.normal(size=ROWS) + 0.35)  # noqa: E731
    assert of_tries(regression.predictive_uniform, off).count("fail") >= 16


@pytest.mark.parametrize("noise", [lambda rng: rng.standard_t(3, ROWS), lambda rng: rng.exponential(size=ROWS) - 1])
def test_heavy_tails_and_skew_are_refuted(noise):
    assert of_tries(regression.residuals_normal, noise).count("fail") >= 15


def test_noise_that_grows_is_refuted():
    """By a factor 4 over the range of one of three inputs."""
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        on = {name: rng.random(ROWS) for name in "abc"}
        z = rng.normal(size=ROWS)
        assert regression.same_width(z, on).verdict != "fail"
        found = regression.same_width(z * (0.5 + 1.5 * on["b"]), on)
        assert found.verdict == "fail"
        assert "(b)" in found.law


def test_a_parabola_that_was_left_out_is_refuted():
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        on = {name: rng.normal(size=ROWS) for name in "abc"}
        z = rng.normal(size=ROWS)
        assert regression.no_curvature(z, on).verdict != "fail"
        assert regression.no_curvature(z + 0.6 * (on["a"] ** 2 - 1), on).verdict == "fail"
        assert regression.no_curvature(z + 0.6 * on["a"], on).verdict != "fail"  # a slope is no curvature


def test_rows_that_follow_each_other_are_refuted():
    def series(rng):
        z = rng.normal(size=ROWS)
        for i in range(1, ROWS):
            z[i] += 0.5 * z[i - 1]
        return z

    assert of_tries(regression.residuals_independent, series) == ["fail"] * TRIES


def test_p_values_of_several_columns_are_shared():
    """The worst of 50 right columns is no alarm."""
    rng = np.random.default_rng(0)
    on = {str(i): rng.normal(size=ROWS) for i in range(50)}
    assert fails(regression.same_width(rng.normal(size=ROWS), on) for _ in range(200)) <= may_fail(1e-4, 200)


def test_rank_correlations_are_those_of_scipy():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(0)
    z, a = rng.normal(size=50), np.round(rng.normal(size=50), 1)  # ties
    found = regression.dependence(z, {"a": a, "still": np.ones(50)})
    assert found == {"a": pytest.approx(float(spearmanr(z, a).pvalue), rel=1e-9)}  # pyright: ignore


@pytest.mark.parametrize("check", [regression.predictive_uniform, regression.residuals_normal,
                                   regression.residuals_independent])  # fmt: skip
def test_few_rows_and_no_noise_decide_nothing(check):
    assert check(np.full(10, 0.5)).verdict == "unknown"
    assert check(np.full(ROWS, np.nan)).verdict == "unknown"


def test_thresholds_of_p_values():
    """1.1e-2 passes, 0.9e-2 is in doubt, 0.9e-4 is refuted."""
    found = [regression.of_p_value("law", p, ROWS).verdict for p in (1.1e-2, 0.9e-2, 1.1e-4, 0.9e-4)]
    assert found == ["pass", "unknown", "unknown", "fail"]


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.9, "unknown"), (1.1, "pass")])  # fmt: skip
def test_thresholds_of_rows(share, verdict):
    assert regression.rows_enough(50, 30, share * 10).verdict == verdict
    assert regression.rows_of_each_class(round(share * 10 * 10), 10).verdict == verdict
    assert regression.columns_independent(1e10 / share, (), 0).verdict == verdict
    assert regression.not_the_target(1 - share * 1e-10, "a").verdict == verdict
    assert regression.no_repeats(round(100 / share), 100_000).verdict == verdict
    assert regression.solved((1e-3 / share) ** 2).verdict == ("pass" if share > 1 else "fail")


def test_what_is_not_determined_is_named():
    check = regression.columns_independent(np.inf, ("a", "b"), 5)
    assert check.verdict == "unknown"
    assert "a, b and 3 more" in check.law


def test_given_errors_that_are_wrong_by_a_tenth_or_more_are_refuted():
    """χ² of 2000 is known to 3 %."""
    for factor, verdict in ((1.0, "pass"), (1.2, "fail"), (0.8, "fail")):
        assert regression.errors_explain_scatter(2000 * factor, 2000).verdict == verdict


@pytest.mark.parametrize(("edge", "verdict"), [(0, "pass"), (1, "unknown"), (-1, "unknown")])
def test_a_penalty_at_the_end_of_its_range_decides_nothing(edge, verdict):
    assert regression.prior_found(edge).verdict == verdict


def of_classes(rng, scale=1.0, shift=0.0, shape=0.0, n=600):
    """A logistic model of one input, and probabilities that may be wrong; the coefficients are known."""
    x = rng.normal(size=n)
    odds = np.stack([np.zeros(n), 1.2 * x], axis=1)
    y = (rng.random(n) < 1 / (1 + np.exp(-odds[:, 1] - shape * (x**2 - 1)))).astype(int)
    odds[:, 1] = scale * odds[:, 1] + shift
    p = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    slope = np.stack([x, np.ones(n)], axis=1)
    return regression.class_probabilities(p, y, odds, slope, 0 * np.eye(2), ("no", "yes"), {"x": x})


def test_right_probabilities_pass():
    found = [of_classes(np.random.default_rng(seed)).verdict for seed in range(TRIES)]
    assert "fail" not in found
    assert found.count("pass") >= TRIES - may_fail(0.01, TRIES)


@pytest.mark.parametrize("planted", [{"scale": 2.0}, {"scale": 0.4}, {"shift": 0.6}, {"shape": 0.7}])
def test_wrong_probabilities_are_refuted(planted):
    found = [of_classes(np.random.default_rng(seed), **planted).verdict for seed in range(TRIES)]
    assert found.count("fail") >= 18


def test_certain_probabilities_decide_nothing():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 100)
    odds = np.stack([np.zeros(100), 80.0 * (2 * y - 1)], axis=1)
    p = np.exp(odds - odds.max(axis=1, keepdims=True))
    found = regression.class_probabilities(p, y, odds, np.ones((100, 1)), np.eye(1), ("a", "b"), {})
    assert found.verdict == "unknown"


def test_separated_classes_and_lost_rows_decide_nothing():
    assert regression.nothing_separates(True).verdict == "unknown"  # noqa: FBT003
    assert regression.nothing_separates(False).verdict == "pass"  # noqa: FBT003
    assert regression.rows_finite(1, 99).verdict == "unknown"
