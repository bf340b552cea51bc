# SPDX-License-Identifier: Apache-2.0
"""The autocorrelation time of a charge that hops, against its closed form, with what it must catch."""

import numpy as np
import pytest

from isinglass.observables.charge_time import charge_time


def hopping(rng, chains, length, rate):
    """Q = ±1, with probability `rate`: ρ(t) = (1 - 2 rate)^t, τ = ½ (1 + a)/(1 - a), a = 1 - 2 rate."""
    turns = rng.random((chains, length)) < rate
    return np.where(np.cumsum(turns, axis=1) % 2, 1.0, -1.0) * rng.choice([-1.0, 1.0], (chains, 1))


@pytest.mark.parametrize("rate", [0.3, 0.05])
def test_time_of_the_charge_is_that_of_hopping(rate):
    """Within 4.5 of its own errors; half the rate of hopping is seen."""
    a = 1 - 2 * rate
    exact = 0.5 * (1 + a) / (1 - a)
    tau, error = charge_time(hopping(np.random.default_rng(0), 32, 4000, rate))
    assert abs(tau - exact) < 4.5 * error
    tau, error = charge_time(hopping(np.random.default_rng(0), 32, 4000, rate / 2))
    assert abs(tau - exact) > 4.5 * error


def test_error_of_a_charge_that_is_hardly_ever_there():
    """Of 300 runs of 8 chains, in which Q = 1 for about 20 steps 6 times in all, the scatter is near the error.

    Madras and Sokal's formula alone, which is for many events, states 2.5 times too little.
    """
    rng, found = np.random.default_rng(1), []
    for _ in range(300):
        present = rng.random((8, 2000)) < 6 / 16_000
        length = rng.exponential(20.0, (8, 2000))
        end = np.maximum.accumulate(np.where(present, np.arange(2000) + length, 0.0), axis=1)
        found.append(charge_time((np.arange(2000) < end).astype(float)))
    tau, error = np.array(found).T
    assert 0.8 < tau.std() / np.sqrt(np.mean(error**2)) < 1.2


def test_chains_that_stand_still_are_not_taken_for_independent_draws():
    frozen = np.repeat(np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (32, 1)), 400, axis=1)
    assert charge_time(frozen).tau > 90
    assert charge_time(np.zeros((4, 400))).tau == 0.5
