# SPDX-License-Identifier: Apache-2.0
"""Energy and moment checks against exact draws of a 4 x 4 torus; planted: 5 % in beta, missing equilibration."""

import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.energy import energy, grouped_mean, magnetization_moment, mean_value
from isinglass.checks.equilibrium import all_spins

T = 2.5


@pytest.fixture(scope="module")
def torus():
    """All 2^16 states with their energies."""
    states = all_spins((4, 4)).astype(int)
    E = -(states * (np.roll(states, 1, 1) + np.roll(states, 1, 2))).sum((1, 2)) / 16
    return states, E


def draw(torus, temperature, n=200_000, seed=0):
    """Exact independent draws: energy and magnetization per site, 50 groups."""
    states, E = torus
    w = np.exp(-16 * (E - E.min()) / temperature)
    rows = np.random.default_rng(seed).choice(len(E), n, p=w / w.sum())
    return E[rows], states.mean((1, 2))[rows], np.arange(n) % 50


def exact(torus, f):
    states, E = torus
    w = np.exp(-16 * (E - E.min()) / T)
    return float(np.sum(w * f(E, states.mean((1, 2)))) / w.sum())


def test_exact_draws_pass(torus):
    e, m, group = draw(torus, T)
    assert energy(e, group, exact(torus, lambda E, m: E)).verdict == "pass"
    assert magnetization_moment(m, group, 2, exact(torus, lambda E, m: m**2)).verdict == "pass"


def test_a_five_percent_error_in_beta_is_seen(torus):
    e, m, group = draw(torus, T / 1.05)
    assert energy(e, group, exact(torus, lambda E, m: E)).verdict == "fail"
    assert magnetization_moment(m, group, 2, exact(torus, lambda E, m: m**2)).verdict == "fail"


def test_missing_equilibration_is_seen(torus):
    """A tenth of every chain is still the ground state."""
    e, _, group = draw(torus, T)
    e = np.where(np.arange(len(e)) % 1000 < 100, -2.0, e)
    assert energy(e, group, exact(torus, lambda E, m: E)).verdict == "fail"


def test_too_few_samples_prove_nothing(torus):
    e, _, group = draw(torus, T, n=1000)
    assert energy(e, group, exact(torus, lambda E, m: E)).verdict == "unknown"
    assert energy(e, np.zeros(1000), 0.0).verdict == "unknown"


def test_grouped_error_of_correlated_rows():
    """100 chains of 20 equal rows: the error is that of 100 draws, not of 2000."""
    x = np.random.default_rng(1).normal(size=100)
    mean, error = grouped_mean(np.repeat(x, 20), np.repeat(np.arange(100), 20))
    np.testing.assert_allclose([mean, error], [x.mean(), x.std(ddof=1) / 10], rtol=1e-12)


def groups_with(z, error, n=65):
    """Means ±1 of 65 groups (one is 0), shifted by z errors: Σ (x - x̄)² = 64, error √(64/64/65)."""
    x = np.where(np.arange(n) % 2, 1.0, -1.0)
    x[-1] = 0.0
    return (x + z / n**0.5) * error * n**0.5, np.arange(n)


@SHARES
def test_thresholds(share, verdict):
    """4 errors either way, of at most the error that was asked for; 2e-3 for energies."""
    for sign in (1, -1):
        x, group = groups_with(sign * share * 4, 1e-3)
        assert mean_value("x", x, group, 0.0, of="x").verdict == verdict
        assert energy(x - 1.7, group, -1.7).verdict == verdict
        assert magnetization_moment(0.3 + x, group, 1, 0.3).verdict == verdict
    x, group = groups_with(0.0, share * 2e-3)
    assert mean_value("x", x, group, 0.0).error == pytest.approx(share * 2e-3)
    assert energy(x, group, 0.0).verdict == verdict.replace("fail", "unknown")
    assert mean_value("x", x, group, 0.0, largest_error=2e-3).verdict == verdict.replace("fail", "unknown")


@pytest.mark.parametrize(("groups", "rate"), [(200, 9e-5), (17, 1.1e-3)])
def test_false_alarms_and_resolution(groups, rate):
    """Normal groups: Student's law at 4; a shift of 7 errors is missed with probability 1e-3, 1e-2 for 17."""
    rng, group = np.random.default_rng(0), np.arange(groups)
    judge = lambda x: mean_value("x", x, group, 0.0)  # noqa: E731
    draws = rng.normal(size=(1500, groups))
    assert fails(map(judge, draws)) <= may_fail(rate, 1500)
    assert fails(judge(x + 7 / groups**0.5) for x in draws[:500]) >= must_fail(500, 1e-3 if groups > 100 else 2e-2)
