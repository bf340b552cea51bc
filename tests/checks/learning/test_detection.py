# SPDX-License-Identifier: Apache-2.0
"""Checks of detectors: thresholds, false alarms, planted errors."""

import numpy as np
import pytest
from scipy.special import expit

from isinglass.checks.learning import detection as of


def drawn(seed, n=2000, width=2.0):
    """Logits, and labels with their probabilities."""
    rng = np.random.default_rng(seed)
    z = width * rng.normal(size=n)
    return z, rng.random(n) < expit(z)


def test_true_probabilities_are_seldom_refuted():
    """Of 300 sets at most 11 below 0.01 (mean 3 at most; by chance 1e-4) and none below 1e-4 (0.03)."""
    p = np.array([of.calibration_p_value(expit(z), y) for z, y in (drawn(s) for s in range(300))])
    assert (p < 0.01).sum() <= 11
    assert p.min() > 1e-4


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("overconfident", lambda z: 1.5 * z), ("underconfident", lambda z: 0.6 * z), ("biased", lambda z: z + 0.5),
     ("in the middle", lambda z: np.where(np.abs(z) < 1, -z, z))],
)  # fmt: skip
def test_wrong_probabilities_are_refuted_in_20_of_20(name, wrong):
    for seed in range(20):
        z, y = drawn(seed)
        assert of.calibrated(expit(wrong(z)), y).verdict == "fail", name


def test_the_noise_of_a_fitted_map_is_no_error():
    """A map from as many rows: the same offset error refutes without this, and not with it."""
    z, y = drawn(0, n=20000)
    p = expit(z + 0.07)
    assert of.calibration_p_value(p, y, len(y)) > 10 * of.calibration_p_value(p, y)


def test_classes_that_do_not_overlap_are_held_against_surprises():
    y = np.arange(4000) % 2 == 0
    p = np.where(y, 1 - 1e-4, 1e-4)
    assert of.calibrated(p, y).verdict == "pass"  # 0.4 surprises expected, none found
    y[:20] = ~y[:20]
    assert of.calibrated(p, y).verdict == "fail"  # 20 of them


def test_thresholds():
    assert of.not_above_optimum("a", 0.9 + 3.7e-3, 0.9, 1e-3, "").verdict == "pass"
    assert of.not_above_optimum("a", 0.9 + 3.8e-3, 0.9, 1e-3, "").verdict == "fail"
    assert of.near_optimum("a", 0.883, 0.9, 1e-4, "").verdict == "pass"
    assert of.near_optimum("a", 0.881, 0.9, 1e-3, "").verdict == "unknown"
    assert of.near_optimum("a", 0.870, 0.9, 1e-3, "").verdict == "fail"
    assert of.not_below_baseline(0.9 - 3.7e-3, 0.9, 1e-3).verdict == "pass"
    assert of.not_below_baseline(0.9 - 3.8e-3, 0.9, 1e-3).verdict == "fail"
    assert of.told_apart(0.5 + 3.8e-3, 1e-3).verdict == "pass"
    assert of.told_apart(0.5 + 3.7e-3, 1e-3).verdict == "unknown"
    assert of.ratio_is_true(0.5).verdict == "pass"
    assert of.ratio_is_true(1e-5).verdict == "unknown"


def test_labels_among_the_columns_are_seen():
    x, y = np.random.default_rng(0).normal(size=(100, 3)), np.arange(100) % 2 == 0
    assert of.labels_hidden(x, y, ()) == []
    x[:, 1] = np.where(y, 7.0, -2.0)
    (check,) = of.labels_hidden(x, y, ("a", "b", "c"))
    assert check.verdict == "fail"
    assert "(b:" in check.law
    x[:, 1] = 4.0  # a constant column is no label
    assert of.labels_hidden(x, y, ()) == []


def test_rows_and_columns():
    assert of.enough_rows(101, 100) == []
    assert of.enough_rows(100, 100)[0].verdict == "unknown"
