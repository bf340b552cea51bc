# SPDX-License-Identifier: Apache-2.0
"""Bayes ceilings against published values, and no classifier above them."""

from pathlib import Path

import numpy as np
import pytest

from isinglass.exact.lattice import bayes, kaufman, onsager

TC = onsager.critical_temperature()
T = np.round(np.arange(1.0, 3.55, 0.1), 1)
CONFUSION = np.genfromtxt(Path(__file__).parent / "tables/confusion.csv", delimiter=",", names=True)


@pytest.mark.parametrize(
    ("L", "ceiling", "crossing", "far", "near"),
    [
        (4, 0.80995986, 2.2874, 0.68502752, 0.54867985),
        (8, 0.91699868, 2.2524, 0.87022439, 0.61395065),
        (16, 0.96488678, 2.2545, 0.99271305, 0.74372376),
    ],
)
def test_published_ceilings(L, ceiling, crossing, far, near):
    law = bayes.energy_law(L, T)
    assert bayes.bayes_accuracy(law, T < TC) == pytest.approx(ceiling, abs=1e-8)
    for pair, expected in (([2.0, 2.6], far), ([2.2, 2.35], near)):
        pair_law = bayes.energy_law(L, np.array(pair))
        assert bayes.bayes_accuracy(pair_law, np.array([True, False])) == pytest.approx(expected, abs=1e-8)
    fine = np.linspace(2.2, 2.3, 1001)
    output = bayes.mean_posterior(bayes.energy_law(L, fine), bayes.posterior(law, T < TC))
    assert bayes.posterior_crossing(fine, output) == pytest.approx(crossing, abs=1e-4)


@pytest.mark.parametrize("L", [4, 8, 16])
def test_published_confusion_curve(L):
    curve = bayes.confusion_curve(bayes.energy_law(L, T), T)
    published = np.isin(np.round(curve.cut, 2), CONFUSION["cut"])
    np.testing.assert_allclose(curve.accuracy[published], CONFUSION[f"L{L}"], rtol=0, atol=6e-6)
    middle = (curve.cut > 1.8) & (curve.cut < 2.7)
    assert curve.cut[middle][curve.accuracy[middle].argmax()] == pytest.approx(2.25)


def test_curve_is_the_accuracy_with_each_label():
    law = bayes.energy_law(8, T)
    curve = bayes.confusion_curve(law, T)
    expected = [bayes.bayes_accuracy(law, T < cut) for cut in curve.cut]
    np.testing.assert_allclose(curve.accuracy, expected, rtol=1e-13)


def accuracy(law, labels, guess):
    return np.mean(np.where(labels, np.exp(law) @ guess, np.exp(law) @ (1 - guess)))


def test_no_classifier_is_better():
    """The posterior's decision reaches the ceiling; 1000 random deterministic ones stay below; leaked labels do not."""
    law, labels = bayes.energy_law(4, T), T < TC
    ceiling = bayes.bayes_accuracy(law, labels)
    best = (bayes.posterior(law, labels) > 0.5).astype(float)
    assert accuracy(law, labels, best) == pytest.approx(ceiling, rel=1e-14)
    rng = np.random.default_rng(0)
    for _ in range(1000):
        flipped = np.where(rng.random(best.size) < 0.05, 1 - best, best)
        assert accuracy(law, labels, flipped) <= ceiling + 1e-14
    leaked = np.mean(np.where(labels, 0.9, 0.9))  # a classifier that was told 90 % of the labels
    assert leaked > ceiling


def test_law_of_the_energy():
    law = bayes.energy_law(8, T)
    E = np.arange(-128, 129, 4)
    np.testing.assert_allclose(np.exp(law).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(np.exp(law) @ E / 64, kaufman.energy(T, 8), rtol=1e-11)


def test_three_labels_and_weights():
    """Three separate outcomes are told apart; weights count."""
    law = np.log(np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]))
    assert bayes.bayes_accuracy(law, np.array(["a", "b", "c"])) == pytest.approx(0.8)
    assert bayes.bayes_accuracy(law, np.arange(3), np.array([98.0, 1.0, 1.0])) == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("L", "t", "sigma"), [(16, 2.0, 0.14675), (16, TC, 0.11585), (32, TC, 0.05218), (32, 2.5, 0.08301)]
)
def test_temperature_resolution(L, t, sigma):
    assert bayes.temperature_resolution(t, L * L, kaufman.specific_heat(t, L)) == pytest.approx(sigma, abs=6e-6)
