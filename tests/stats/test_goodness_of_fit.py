# SPDX-License-Identifier: Apache-2.0
"""p-values and bounds against SciPy; false alarms at their stated rate; planted errors seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from isinglass.stats import goodness_of_fit
from isinglass.stats.goodness_of_fit import two_sided_p_value, z_score

binomial_excess, chi_square = jax.jit(goodness_of_fit.binomial_excess), jax.jit(goodness_of_fit.chi_square)
clopper_pearson = jax.jit(goodness_of_fit.clopper_pearson)
kolmogorov_smirnov = jax.jit(goodness_of_fit.kolmogorov_smirnov)

LAW = np.array([0.3, 0.25, 0.2, 0.15, 0.1])


def test_chi_square_is_scipys():
    counts = np.array([310, 240, 190, 160, 100])
    expected = scipy.stats.chisquare(counts, 1000 * LAW)
    ours = chi_square(jnp.asarray(counts), jnp.asarray(LAW))
    assert (ours.statistic, ours.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-12)
    assert ours.degrees_of_freedom == 4


@pytest.mark.parametrize(
    ("law", "pooled"),
    [
        ([0.5, 0.4, 0.04, 0.03, 0.03], [[0], [1], [2, 3, 4]]),  # pool of 10
        ([0.5, 0.46, 0.02, 0.01, 0.01], [[0], [1, 2, 3, 4]]),  # pool of 4 joins the smallest other cell
    ],
)
def test_pooling(law, pooled):
    counts = np.array([48, 41, 5, 4, 2])
    merged = [counts[cells].sum() for cells in pooled], [100 * np.array(law)[cells].sum() for cells in pooled]
    expected = scipy.stats.chisquare(*merged)
    ours = chi_square(jnp.asarray(counts), jnp.asarray(law))
    assert (ours.statistic, ours.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-11)
    assert ours.degrees_of_freedom == len(pooled) - 1


def test_impossible_cells():
    law = jnp.array([0.5, 0.5, 0.0])
    assert chi_square(jnp.array([52, 48, 0]), law).p_value == pytest.approx(scipy.stats.chisquare([52, 48]).pvalue)
    assert chi_square(jnp.array([52, 47, 1]), law).p_value == 0


def test_chi_square_false_alarms():
    """2000 multinomial samples: p < 0.05 in 3-7 % (4 standard deviations, 6e-5); a 10 % error in a cell is seen."""
    counts = jnp.asarray(np.random.default_rng(9).multinomial(1000, LAW, 2000))
    p = jax.vmap(lambda c: chi_square(c, jnp.asarray(LAW)).p_value)(counts)
    assert 0.03 < np.mean(p < 0.05) < 0.07
    planted = np.round(1e5 * LAW * [1.1, 1, 1, 1, 0.7]).astype(int)
    assert chi_square(jnp.asarray(planted), jnp.asarray(LAW)).p_value < 1e-10


@pytest.mark.parametrize("n", [20, 5000])
def test_kolmogorov_smirnov_is_scipys(n):
    for power in (1.0, 1.1):
        u = np.random.default_rng(n).random(n) ** power
        expected = scipy.stats.kstest(u, "uniform")
        ours = kolmogorov_smirnov(jnp.asarray(u))
        assert ours.statistic == pytest.approx(expected.statistic, rel=1e-12)
        assert ours.p_value == pytest.approx(expected.pvalue, rel=0.03, abs=0.004)
    assert n < 5000 or kolmogorov_smirnov(jnp.asarray(u**1.2)).p_value < 1e-10  # planted


def test_kolmogorov_law():
    """Both series of the limit law against SciPy's, over where they are joined."""
    n = 10**5
    correction = np.sqrt(n) + 0.12 + 0.11 / np.sqrt(n)
    for x in (0.3, 0.7, 0.999, 1.001, 1.5, 3.0):
        shift = x / correction
        u = jnp.asarray(np.clip(np.arange(n) / n + shift, 0, 1))
        ours = kolmogorov_smirnov(u)
        assert ours.p_value == pytest.approx(scipy.special.kolmogorov(float(ours.statistic) * correction), rel=1e-9)


def test_z_score():
    assert z_score(1.3, 0.1, 1.0) == pytest.approx(3)
    assert z_score(1.0, 0.0, 1.0) == 0
    assert z_score(0.9, 0.0, 1.0) == -jnp.inf
    assert two_sided_p_value(4.0) == pytest.approx(2 * scipy.stats.norm.sf(4), rel=1e-10)
    assert two_sided_p_value(-jnp.inf) == 0
    np.testing.assert_allclose(z_score(jnp.array([1.0, 2.0]), 0.5, 1), [0, 2])


@pytest.mark.parametrize(("k", "n", "p"), [(0, 10, 0.3), (7, 10, 0.3), (10, 10, 0.3), (970, 1000, 0.9649)])
def test_binomial_excess_is_scipys(k, n, p):
    expected = scipy.stats.binomtest(k, n, p, alternative="greater").pvalue
    assert binomial_excess(k, n, p) == pytest.approx(expected, rel=1e-9)


def test_leaked_labels_are_seen():
    """97.5 % on 10^4 draws under a ceiling of 96.489 % has p = 1e-8; 96.6 % is noise."""
    assert binomial_excess(9750, 10_000, 0.96488678) < 1e-7
    assert binomial_excess(9660, 10_000, 0.96488678) > 0.2


@pytest.mark.parametrize(("k", "n"), [(0, 12), (12, 12), (5, 12), (1, 1), (965, 1000)])
@pytest.mark.parametrize("alpha", [0.3173105078629141, 1e-4])
def test_clopper_pearson_is_scipys(k, n, alpha):
    expected = scipy.stats.binomtest(k, n).proportion_ci(1 - alpha, method="exact")
    assert [float(b) for b in clopper_pearson(k, n, alpha)] == pytest.approx([expected.low, expected.high], abs=1e-9)
