# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion against the exact Bayes curve; false-alarm rate of each random test at most 1e-4."""

import numpy as np
import pytest
from tests.inference import lattices

from isinglass.exact.lattice.bayes import confusion_curve, energy_law
from isinglass.inference.phases.committee import folds
from isinglass.inference.phases.confusion import (
    Confusion,
    Predicted,
    confusion_curves,
    deviations_apart,
    peak,
    predict_points,
)
from isinglass.inference.phases.confusion_by_size import settled
from isinglass.result import Estimate

T = np.linspace(1.0, 3.5, 26)


def drawn_from_the_exact_law(seed: int, L: int, n: int, *, leak: float = 0.0) -> Predicted:
    """Energies from g(E) exp(-E/T), and their exact posterior; `leak` mixes the label into it."""
    rng = np.random.default_rng(seed)
    law = np.exp(energy_law(L, T))
    level = np.concatenate([rng.choice(law.shape[1], n, p=row / row.sum()) for row in law])
    label = np.repeat(np.arange(len(T)), n)
    posterior = (law / np.maximum(law.sum(axis=0), 1e-300))[:, level].T
    posterior = (1 - leak) * posterior + leak * np.eye(len(T))[label]
    return Predicted(T, label, posterior[None], np.arange(len(label)), None)


def excess(predicted: Predicted, L: int) -> np.ndarray:
    """(accuracy - Bayes ceiling) in binomial standard errors, per cut."""
    curves = confusion_curves(np.random.default_rng(0), predicted, draws=20)
    ceiling = confusion_curve(energy_law(L, T), T).accuracy
    return (curves.accuracy[0] - ceiling) / np.sqrt(ceiling * (1 - ceiling) / len(predicted.label))


def test_the_exact_posterior_reaches_the_exact_curve():
    """25 cuts within 4.6 standard errors each: false alarm 1e-4; sees 0.007 at an accuracy of 0.96."""
    z = excess(drawn_from_the_exact_law(1, 16, 600), 16)
    assert np.abs(z).max() < 4.6


def test_leaked_labels_rise_above_the_ceiling():
    assert excess(drawn_from_the_exact_law(1, 16, 600, leak=0.3), 16).max() > 4.6


def test_the_windows_peak_at_the_transition_whatever_the_range():
    """The W of an asymmetric range tilts; equal windows do not.  Resolution 0.1, of 600 exact draws a point."""
    whole = drawn_from_the_exact_law(2, 16, 600)
    for low, high in ((0, 26), (8, 26), (4, 20)):
        rows = (whole.label >= low) & (whole.label < high)
        p = whole.probability[:, rows, low:high]
        part = Predicted(T[low:high], whole.label[rows] - low, p / p.sum(2, keepdims=True), whole.group[rows], None)
        curves = confusion_curves(np.random.default_rng(0), part, draws=2)
        assert abs(peak(curves.cut, curves.information[0]).position - 2.27) < 0.1


def test_ends_are_trivially_high():
    curves = confusion_curves(np.random.default_rng(0), drawn_from_the_exact_law(3, 4, 100), draws=2)
    assert curves.accuracy[0][[0, -1]] == pytest.approx([25 / 26, 25 / 26], abs=0.01)
    assert curves.trivial.max() == pytest.approx(25 / 26)


def test_distance_of_two_gaussians():
    """Mean posterior of the true one of N(0,1), N(d,1), by direct simulation; standard error 0.001 of it."""
    rng = np.random.default_rng(0)
    for d in (0.5, 1.0, 3.0):
        x = rng.normal(d, 1, 200_000)
        accuracy = (1 / (1 + np.exp(-(d * x - d**2 / 2)))).mean()
        assert deviations_apart(np.array([accuracy]))[0] == pytest.approx(d, abs=0.05)


def test_no_group_lies_in_two_folds():
    label = np.repeat(np.arange(4), 30)
    group = label * 10 + np.tile(np.arange(30) // 3, 4)
    fold = folds(np.random.default_rng(0), group, label, 5)
    assert all(len(set(fold[group == g])) == 1 for g in np.unique(group))
    assert all(np.bincount(fold[label == p], minlength=5).min() > 0 for p in range(4))


@pytest.mark.slow
def test_networks_come_near_the_ceiling_and_not_above(key):
    """Heat-bath configurations, L = 8; the mean over cuts within 0.02 of Bayes, no cut above by 4.6 errors.

    Planted error: folds that ignore the groups cannot leak here, so leakage is planted above, in the posterior.
    """
    temperatures = np.linspace(1.6, 3.2, 9)
    data = lattices.ising(0, 8, temperatures, chains=150, sweeps=120)
    predicted = predict_points(key, data, Confusion(repeats=1, steps=250))
    curves = confusion_curves(np.random.default_rng(0), predicted, draws=20)
    ceiling = confusion_curve(energy_law(8, temperatures), temperatures).accuracy
    error = np.sqrt(ceiling * (1 - ceiling) / data.n)
    assert ((curves.accuracy[0] - ceiling) / error).max() < 4.6
    assert (ceiling - curves.accuracy[0]).mean() < 0.02


@pytest.mark.slow
def test_raw_fields_are_read_too(key):
    """A convolution on the spins themselves learns more than the trivial share."""
    data = lattices.ising(0, 6, [1.0, 2.0, 3.0, 4.0, 6.0, 9.0], chains=60, sweeps=60)
    settings = Confusion(view="raw", n_folds=2, repeats=1, steps=100)
    curves = confusion_curves(np.random.default_rng(0), predict_points(key, data, settings), draws=20)
    assert curves.accuracy[0][2] > curves.trivial[2] + 0.15


def test_the_error_of_a_peak_has_all_of_the_way_it_moved():
    """0.1 and a move of 0.2: 0.22; of one size its own."""
    of = {16: Estimate(2.3, 0.1), 8: Estimate(2.5, 0.05)}
    assert settled(of).value == 2.3
    assert settled(of).error == pytest.approx(0.05**0.5)
    assert settled({8: of[8]}).error == 0.05
