# SPDX-License-Identifier: Apache-2.0
"""Convergence and exact energies of a run; planted: a shift by the bound, chains that scatter."""

import jax
import numpy as np
import pytest
from scipy.stats import t as student
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.sampling import convergence_checks, energy_checks
from isinglass.stats.convergence import rhat

EXACT = np.array([-1.9, -1.4, -0.8])


def chains_with(z, R=16):
    """[T, R, 2] energies whose means are z errors from the exact ones: chain means ±1, error 1/√(R - 1)."""
    means = np.where(np.arange(R) % 2, 1.0, -1.0) + np.asarray(z)[:, None] / (R - 1) ** 0.5
    return np.stack([means + 0.5, means - 0.5], axis=2) + EXACT[:, None, None]


@SHARES
def test_the_worst_temperature_decides(share, verdict):
    """1e-4, shared by three temperatures, two sides, Student's law of 15 degrees of freedom: 5.83 errors."""
    bound = student.isf(1e-4 / 6, 15)
    assert bound == pytest.approx(5.827, abs=1e-3)
    for sign in (1, -1):
        (check,) = energy_checks(chains_with([0, sign * share * bound, 0]), EXACT)
        assert check.verdict == verdict
        assert check.measured == pytest.approx(share * bound)


def test_false_alarms_and_resolution():
    """Normal means of 16 chains at three temperatures, 1e-4; a shift by 5.9 + 5 errors is seen."""
    rng = np.random.default_rng(0)
    draw = lambda shift: EXACT[:, None, None] + rng.normal(size=(3, 16, 1)) + shift  # noqa: E731
    assert fails(energy_checks(draw(0.0), EXACT)[0] for _ in range(2000)) <= may_fail(1e-4, 2000)
    assert fails(energy_checks(draw(11 / 4), EXACT)[0] for _ in range(500)) >= must_fail(500, 5e-3)


def test_few_chains_or_nothing_exact_make_no_check():
    assert energy_checks(chains_with([0, 0, 0], 6), EXACT) == []
    assert energy_checks(chains_with([0, 0, 0]), None) == []


@SHARES
def test_r_hat_and_effective_samples(share, verdict):
    """1.1 at the worst temperature, and as many effective samples as were asked for at the poorest."""
    size = 100 * (2 - share)
    r_hat, samples = convergence_checks(np.array([1.0, 1 + 0.1 * share]), np.array([300.0, size]), 100.0)
    assert [r_hat.verdict, samples.verdict] == [verdict] * 2
    assert [r_hat.of, samples.of] == ["r_hat", "effective_sample_size"]
    assert len(convergence_checks(np.ones(2), np.ones(2), None)) == 1


def test_r_hat_of_good_chains_and_of_chains_that_scatter():
    """Four chains of 100 independent draws: 1e-4; planted: means at ±½ standard deviation and more."""
    rng, n = np.random.default_rng(0), np.ones(1)
    many = jax.jit(jax.vmap(rhat))
    judge = lambda x: fails(convergence_checks(np.asarray(r)[None], n, None)[0] for r in many(x))  # noqa: E731
    good = rng.normal(size=(300, 4, 100))
    assert judge(good) <= may_fail(1e-4, 300)
    assert judge(good + np.array([-0.8, 0.8, -0.8, 0.8])[:, None]) == 300
