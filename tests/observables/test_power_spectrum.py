# SPDX-License-Identifier: Apache-2.0
"""Shells by hand, the spectrum of a moving average, and the error over samples."""

import numpy as np
import pytest

from isinglass.observables.power_spectrum import in_shells, power_spectrum, shells, wave_number


def test_shells_of_a_small_lattice():
    """Of 4 x 4, |n| rounded: 0, 1 and √2 -> 1, 2 and √5 -> 2, √8 -> 3; |k̂| of the first is (4 √2 + 4 · 2)/8."""
    assert shells((4, 4)).tolist() == [[0, 1, 2, 1], [1, 1, 2, 1], [2, 2, 3, 2], [1, 1, 2, 1]]
    assert wave_number((4, 4))[1] == pytest.approx((4 * 2**0.5 + 4 * 2) / 8)
    assert np.bincount(shells((4, 4)).ravel()).tolist() == [1, 8, 6, 1]


def test_a_shell_holds_the_mean_of_its_waves():
    """A flat spectrum stays; one wave of eight counts an eighth, for each sample."""
    np.testing.assert_allclose(in_shells(np.full((4, 4), 0.7), (4, 4)), 0.7)
    P = np.zeros((2, 4, 4))
    P[1, 0, 1] = 1.0
    np.testing.assert_allclose(in_shells(P, (4, 4)), [[0, 0, 0, 0], [0, 1 / 8, 0, 0]])


def moving_average(a, n=4000, shape=(6, 6)):
    """x_r = w_r + a w_(r + e_0) of white w: P(k) = |1 + a exp(ik_0)|² = 1 + a² + 2a cos k_0."""
    w = np.random.default_rng(4).normal(size=(n, *shape))
    return w + a * np.roll(w, -1, axis=1)


def test_a_moving_average_has_its_spectrum():
    """Within 4.5 errors in every shell, whatever the mean; the sum is the variance.  False alarm 4e-5.

    Planted: 0.55 for a = 0.5.
    """
    found = power_spectrum(moving_average(0.5) + 7.0)
    expected = lambda a: in_shells(1 + a * a + 2 * a * np.cos(2 * np.pi * np.indices((6, 6))[0] / 6), (6, 6))  # noqa: E731
    z = lambda a: (np.abs(found.value - expected(a)) / found.error).max()  # noqa: E731
    assert z(0.5) < 4.5
    assert z(0.55) > 4.5
    count = np.bincount(shells((6, 6)).ravel())
    assert (found.value * count).sum() / 36 == pytest.approx(moving_average(0.5).var(), rel=1e-9)
