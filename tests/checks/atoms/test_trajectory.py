# SPDX-License-Identifier: Apache-2.0
"""Checks of trajectories: thresholds, false alarms, and planted errors: drifts, temperatures, velocity scaling."""

import numpy as np
import pytest

from isinglass.checks.atoms.trajectory import (
    as_trained,
    atoms_apart,
    conserved,
    coordinated,
    kinetic_law,
    mean_kinetic,
    momentum_at_rest,
    pressure_law,
    unexploded,
)  # fmt: skip

N, KT = 60, 0.03
TIME = np.arange(1000) * 0.01


def correlated(n, rng, rate=0.5):
    """A stationary series of Gauss with correlation, mean 0 and variance 1."""
    x = np.zeros(n)
    for k in range(1, n):
        x[k] = (1 - rate) * x[k - 1] + np.sqrt(1 - (1 - rate) ** 2) * rng.normal()
    return x


def kinetic(rng, T=1.0, n=3000, freedom=N):
    """K of `freedom` velocities, each an Ornstein-Uhlenbeck process."""
    v = np.sqrt(KT * T) * np.stack([correlated(n, rng) for _ in range(freedom)])
    return np.sum(v**2, axis=0) / 2


def test_drift_at_its_threshold():
    noise = 0.02 * correlated(1000, np.random.default_rng(0))
    assert conserved(0.090 * TIME + noise, TIME).verdict == "pass"
    assert conserved(-0.090 * TIME + noise, TIME).verdict == "pass"
    assert conserved(0.110 * TIME + noise, TIME).verdict == "fail"
    assert conserved(-0.110 * TIME + noise, TIME).verdict == "fail"
    assert conserved(20.0 * correlated(1000, np.random.default_rng(1)), TIME).verdict == "unknown"
    assert conserved(np.zeros(3), TIME[:3]).verdict == "unknown"


def test_momentum_at_its_threshold():
    assert momentum_at_rest(np.array([0.0, 0.9e-10]), 1e-10).verdict == "pass"
    assert momentum_at_rest(np.array([0.0, 1.1e-10]), 1e-10).verdict == "fail"
    assert momentum_at_rest(np.zeros(0), 1e-10).verdict == "unknown"


def test_kinetic_energies_of_boltzmann_pass():
    """40 series: none fails, as a false alarm of 1e-4 has it with 99.6 %."""
    for seed in range(40):
        K = kinetic(np.random.default_rng(seed))
        assert kinetic_law(K, N, KT).verdict == "pass"
        assert mean_kinetic(2 * K / N / KT * 300, 300.0).verdict == "pass"


@pytest.mark.parametrize("seed", range(3))
def test_what_has_another_law_is_seen(seed):
    """5 % in temperature, three degrees of freedom too few, and velocities scaled to one energy."""
    rng = np.random.default_rng(seed)
    hot = kinetic(rng, 1.05)
    assert kinetic_law(hot, N, KT).verdict == "fail"
    assert mean_kinetic(2 * hot / N / KT * 300, 300.0).verdict == "fail"
    assert kinetic_law(kinetic(rng, freedom=N - 6), N, KT).verdict == "fail"
    K = kinetic(rng)
    scaled = K.mean() + 0.6 * (K - K.mean())  # as a bath does that draws the energy to its mean
    assert mean_kinetic(2 * scaled / N / KT * 300, 300.0).verdict == "pass"
    assert kinetic_law(scaled, N, KT).verdict == "fail"


def test_short_series_prove_nothing():
    K = kinetic(np.random.default_rng(0), n=30)
    assert kinetic_law(K, N, KT).verdict == "unknown"
    assert mean_kinetic(K, 300.0).verdict == "unknown"
    assert mean_kinetic(300 + 400 * correlated(400, np.random.default_rng(1)), 300.0).verdict == "unknown"


def test_pressure_law():
    """p V + k_B T = P V: the k_B T counts in a small cell; planted: without it, and another pressure."""
    rng = np.random.default_rng(0)
    V = 100 + correlated(4000, rng)
    p = (2.0 * V - 30.0) / V + 0.1 * correlated(4000, rng)
    assert pressure_law(p, V, 2.0, 30.0).verdict == "pass"
    assert pressure_law(p, V, 2.0, 0.0).verdict == "fail"
    assert pressure_law(p, V, 2.2, 30.0).verdict == "fail"
    assert pressure_law(p + 20 * correlated(4000, rng), V, 2.0, 30.0).verdict == "unknown"


def test_atoms_apart_and_steps_at_their_thresholds():
    assert atoms_apart(np.array([2.0, 1.21]), 2.4).verdict == "pass"
    assert atoms_apart(np.array([2.0, 1.19]), 2.4).verdict == "fail"
    assert atoms_apart(np.array([2.0]), float("nan")).verdict == "unknown"
    assert unexploded(100, 100, "done").verdict == "pass"
    stopped = unexploded(99, 100, "stopped after step 99 of 100: NaN")
    assert stopped.verdict == "fail"
    assert "stopped after step 99" in stopped.law


@pytest.mark.parametrize(("nearest", "verdict"), [(2.0, "pass"), (2.2, "unknown")])
def test_distances_that_were_not_trained_on_are_seen(nearest, verdict):
    assert as_trained(np.array([2.5, 2.1, 2.3]), nearest).verdict == verdict


@pytest.mark.parametrize(("least", "verdict"), [(4.0, "pass"), (4.1, "unknown")])
def test_atoms_that_are_more_alone_than_any_in_the_training_are_seen(least, verdict):
    assert coordinated(3.0, least).verdict == verdict
    assert coordinated(3.0, None).verdict == "unknown"


def test_distances_of_a_training_that_is_not_known_are_not_passed():
    check = as_trained(np.array([2.5, 2.1]), np.inf)
    assert (check.verdict, check.expected) == ("unknown", None)
    assert "does not tell" in check.law
