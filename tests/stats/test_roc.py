# SPDX-License-Identifier: Apache-2.0
"""Areas, detection probabilities and reliability against scikit-learn, closed forms and many repetitions."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from isinglass.exact.learning.information import poisson_auc
from isinglass.exact.learning.signal_detection import known_signal_auc, known_signal_power
from isinglass.stats.roc import (
    area_under_roc,
    calibration_error,
    detection_probability,
    error_of,
    reliability,
    roc_curve,
)


def gaussians(seed, n=2000, snr=2.0):
    """The output of a matched filter, and whether there is a signal."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2 == 0
    return rng.normal(size=n) + snr * y, y


def test_area_is_that_of_scikit_learn_with_ties():
    z, y = gaussians(0)
    for score in (z, np.round(z), np.exp(z)):
        assert area_under_roc(score, y).value == pytest.approx(roc_auc_score(y, score), abs=1e-12)


def test_poisson_counts_have_the_area_in_closed_form():
    """Counts of mean 12 and 8: 0.8141298; ties count by half.  False alarm 1e-4."""
    rng = np.random.default_rng(1)
    z, y = np.concatenate([rng.poisson(12, 20000), rng.poisson(8, 20000)]).astype(float), np.arange(40000) < 20000
    found = area_under_roc(z, y)
    assert abs(found.value - poisson_auc(12, 8)) < 3.9 * error_of(found)
    assert poisson_auc(12, 8) == pytest.approx(0.8141298043)


@pytest.mark.parametrize("snr", [1.0, 2.0, 3.0])
def test_errors_are_those_of_repetitions(snr):
    """Over 400 repetitions: z-scores of area and power have mean 0 and variance 1, to 4.5 errors."""
    z_area, z_power = [], []
    for seed in range(400):
        score, y = gaussians(seed, snr=snr)
        area, power = area_under_roc(score, y), detection_probability(score, y, 0.05)[0]
        z_area.append((area.value - known_signal_auc(snr)) / error_of(area))
        z_power.append((power.value - known_signal_power(snr, 0.05)) / error_of(power))
    for z in (z_area, z_power):
        assert abs(np.mean(z)) < 0.225 + 0.1  # a threshold by a quantile has a bias of 1/n
        assert 0.75 < np.var(z) < 1.4


def test_copies_in_groups_count_once():
    """Each row ten times, in one group: the error is that of the rows without their copies."""
    z, y = gaussians(3)
    alone = error_of(area_under_roc(z, y))
    copied = area_under_roc(np.repeat(z, 10), np.repeat(y, 10))
    assert error_of(copied, np.repeat(np.arange(len(z)), 10)) == pytest.approx(alone, rel=1e-3)
    assert error_of(copied) < 0.4 * alone


def test_the_difference_of_two_scores_of_the_same_rows_has_a_smaller_error():
    z, y = gaussians(4)
    other = z + 0.1 * np.random.default_rng(5).normal(size=len(z))
    a, b = area_under_roc(z, y), area_under_roc(other, y)
    assert error_of(a.minus(b)) < 0.3 * error_of(a)
    assert error_of(a.minus(a)) == 0.0


def test_a_curve_has_its_points():
    z, y = gaussians(6, n=20000)
    curve = roc_curve(z, y)
    for share, power, error in zip(*curve, strict=True):
        assert abs(power - known_signal_power(2.0, share)) < 6 * error + 3e-3
    assert (np.diff(curve.power) >= 0).all()


def test_reliability_of_true_probabilities():
    rng = np.random.default_rng(7)
    p = rng.random(50000)
    y = rng.random(50000) < p
    r = reliability(p, y)
    assert np.abs((r.share - r.probability) / r.error).max() < 4.5
    error, chance = calibration_error(p, y)
    assert error < 2 * chance
    wrong, _ = calibration_error(p**2, y)
    assert wrong == pytest.approx(1 / 6, abs=0.01)  # ∫ (p - p²) dp


def test_by_chance_is_what_chance_makes():
    """The mean over 200 sets of true probabilities, to 7 %."""
    rng, found = np.random.default_rng(8), []
    for _ in range(200):
        p = rng.random(2000)
        found.append(calibration_error(p, rng.random(2000) < p))
    error, chance = np.mean(found, axis=0)
    assert error == pytest.approx(chance, rel=0.07)
