# SPDX-License-Identifier: Apache-2.0
"""Resampling errors against formulas and over seeds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from tests.stats.test_autocorrelation import ar1

from isinglass.stats.resampling import (
    binned_error,
    bootstrap,
    bootstrap_error,
    jackknife,
    mean_over_groups,
    weighted_mean,
)


def mean_of_first_axis(x):
    return x.mean(axis=0)


def test_mean_over_groups_is_scipys_sem(key):
    x = jax.random.normal(key, (7, 3))
    mean, error = mean_over_groups(x)
    np.testing.assert_allclose(mean, np.mean(x, axis=0), rtol=1e-14)
    np.testing.assert_allclose(error, scipy.stats.sem(np.asarray(x), axis=0), rtol=1e-13)


def test_jackknife_of_the_mean_is_the_binned_error(key):
    x = jax.random.normal(key, (103, 2))
    for ours, binned in zip(jackknife(mean_of_first_axis, x, 10), binned_error(x, 10), strict=True):
        np.testing.assert_allclose(ours, binned, rtol=1e-11)


def test_jackknife_against_scipy(key):
    """Blocks of one draw: SciPy has no jackknife, so its definition written out in NumPy for a nonlinear statistic."""
    x = np.asarray(jax.random.normal(key, (25,))) + 2
    left_out = np.array([np.delete(x, i).mean() ** 2 for i in range(25)])
    value, error = jackknife(lambda y: y.mean() ** 2, jnp.asarray(x), 25)
    assert value == pytest.approx(25 * x.mean() ** 2 - 24 * left_out.mean(), rel=1e-12)
    assert error == pytest.approx(np.sqrt(24 / 25 * np.sum((left_out - left_out.mean()) ** 2)), rel=1e-12)
    # the bias of m̄² is σ²/n: removed exactly
    assert value == pytest.approx(x.mean() ** 2 - x.var(ddof=1) / 25, rel=1e-12)


@pytest.mark.slow
def test_jackknife_errors_are_honest(key):
    """Variance of 1500 correlated series, 40 blocks: 68.3 ± 5 % within one error (4 standard deviations, 6e-5)."""
    x = ar1(key, 0.6, 2001, 1500)
    value, error = jax.jit(jax.vmap(lambda y: jackknife(jnp.var, y, 40)))(x)
    assert 0.633 < np.mean(np.abs(value - 1) < error) < 0.733
    value, error = jax.jit(jax.vmap(lambda y: jackknife(jnp.var, y, 200)))(x[:1000, :200])  # planted: single draws
    assert np.mean(np.abs(value - 1) < error) < 0.6


def test_bootstrap_of_the_mean(key):
    """Spread of 5000 resamples against the formula: 1 % is one standard error, 4 % allowed (6e-5)."""
    groups = jax.random.normal(key, (12, 5))
    value, error = bootstrap_error(key, lambda g: g.mean(), groups, 5000)
    mean, expected = mean_over_groups(groups.mean(axis=1))
    assert value == pytest.approx(float(mean), rel=1e-12)
    assert error == pytest.approx(float(expected), rel=0.04)
    draws = np.repeat(np.asarray(groups), 50, axis=0)  # planted: correlated draws taken for groups
    assert bootstrap_error(key, lambda g: g.mean(), jnp.asarray(draws), 200)[1] < 0.3 * expected


def test_bootstrap_is_a_function_of_its_key(key):
    groups = jnp.arange(10.0)
    medians = jax.jit(lambda k: bootstrap(k, jnp.median, groups, 37))
    first, again = medians(key), bootstrap(key, jnp.median, groups, 37)
    np.testing.assert_array_equal(first, again)
    assert first.shape == (37,)
    assert np.any(first != medians(jax.random.key(1)))


def test_chain_errors_are_honest(key):
    """2000 sets of 16 chains: Student's law with 15 degrees of freedom, 66.7 %, within 4 standard deviations (6e-5)."""
    means = ar1(key, 0.9, 200, 32000).mean(axis=1).reshape(2000, 16)
    value, error = jax.jit(jax.vmap(mean_over_groups))(means)
    expected = 2 * scipy.stats.t.cdf(1, 15) - 1
    covered = float(np.mean(np.abs(value) < error))
    assert abs(covered - expected) < 4 * np.sqrt(expected * (1 - expected) / 2000)


def test_weighted_mean():
    mean, error, chi2 = weighted_mean(jnp.array([1.0, 2.0, 4.0]), jnp.array([1.0, 0.5, 2.0]))
    expected, weight_sum = np.average([1.0, 2.0, 4.0], weights=[1.0, 4.0, 0.25], returned=True)
    assert (mean, error) == pytest.approx((expected, weight_sum**-0.5), rel=1e-14)
    assert chi2 == pytest.approx(sum((np.array([1.0, 2.0, 4.0]) - expected) ** 2 * [1.0, 4.0, 0.25]), rel=1e-13)


def test_bootstrap_of_few_groups_is_stretched(key):
    """Two groups: resamples scatter by √½ of the error of the mean; 400 of them tell it to 4 % (one standard error)."""
    groups = jnp.array([1.0, 3.0])
    assert bootstrap_error(key, jnp.mean, groups, 400)[1] == pytest.approx(scipy.stats.sem(groups), rel=0.15)
