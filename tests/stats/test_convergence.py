# SPDX-License-Identifier: Apache-2.0
"""R-hat and effective sample sizes against ArviZ."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from arviz_stats.base import array_stats
from tests.stats.test_autocorrelation import ar1

from isinglass.stats import convergence

rhat, bulk_ess = jax.jit(convergence.rhat), jax.jit(convergence.bulk_ess)
multichain_ess = jax.jit(convergence.multichain_ess)
potential_scale_reduction = jax.jit(convergence.potential_scale_reduction)


def cases(key):
    chains = ar1(key, 0.7, 401, 4)
    return {
        "correlated": chains,
        "odd number of draws": chains[:, :333],
        "heavy tails": jnp.tan(chains),
        "ties": jnp.round(chains),
        "one chain apart": chains.at[0].add(3.0),
        "one chain wider": chains.at[0].multiply(5.0),
        "drift": chains + jnp.linspace(0.0, 3.0, 400)[None],
        "antithetic": ar1(key, -0.6, 401, 4),
        "two chains": chains[:2],
        "short": chains[:, :10],
        "nearly frozen": jnp.where(jnp.arange(400) == 7, 1.0, 0.0)[None] * jnp.arange(1.0, 5.0)[:, None],
    }


CASES = list(cases(jax.random.key(0)))


@jax.jit
def ours(x):
    return rhat(x), potential_scale_reduction(x), bulk_ess(x), multichain_ess(x)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_arviz(key, name):
    x = cases(key)[name]
    theirs = [array_stats.rhat(np.asarray(x), method=m) for m in ("rank", "identity")]
    theirs += [array_stats.ess(np.asarray(x), method="bulk")]
    split = convergence.split_chains(x)
    np.testing.assert_allclose(ours(x)[:3], theirs, rtol=1e-9)
    if x.shape == (4, 400):  # ArviZ offers the plain size only for the chains as given
        assert ours(x)[3] == pytest.approx(float(array_stats.ess(np.asarray(x), method="identity")), rel=1e-9)
    assert split.shape == (2 * x.shape[0], x.shape[1] // 2)


def test_unconverged_chains_are_seen(key):
    """Planted: a chain in another phase, one hotter, a drift; all above the usual 1.01, and good chains below."""
    x = cases(key)
    assert rhat(ar1(key, -0.3, 401, 4)) < 1.01
    for name in ("one chain apart", "one chain wider", "drift"):
        assert rhat(x[name]) > 1.05


def test_effective_size_of_ar1(key):
    """50 sets of 4 chains of 1000: mean ESS within 4 % of n (1 - a)/(1 + a)."""
    x = ar1(key, 0.6, 1001, 200).reshape(50, 4, 1000)
    assert np.mean(jax.vmap(multichain_ess)(x)) == pytest.approx(4000 * 0.4 / 1.6, rel=0.04)


def test_constant_chains():
    same = jnp.ones((4, 100))
    differ = same * jnp.arange(4.0)[:, None]
    assert rhat(same) == 1
    assert bulk_ess(same) == 400
    assert potential_scale_reduction(differ) == jnp.inf
    assert rhat(differ) == jnp.inf
    assert multichain_ess(differ) < 10


def test_maps(key):
    """Monotone maps leave the bulk size, jit and vmap leave everything."""
    x = ar1(key, 0.5, 201, 4)
    assert bulk_ess(jnp.exp(x)) == pytest.approx(float(bulk_ess(x)), rel=1e-12)
    stacked = jnp.stack([x, 2 * x])
    np.testing.assert_allclose(jax.jit(jax.vmap(rhat))(stacked), [rhat(x), rhat(2 * x)], rtol=1e-12)


def test_potential_scale_reduction_by_hand(key):
    """Four chains of ten draws: R̂² = 9/10 + B/10W with n - 1 below the variances; as ArviZ has it."""
    x = jax.random.normal(key, (4, 10))
    within, between = np.var(x, axis=1, ddof=1).mean(), np.var(np.mean(x, axis=1), ddof=1)
    found = float(convergence.potential_scale_reduction(x))
    assert found == pytest.approx(float(0.9 + between / within) ** 0.5, rel=1e-12)
    assert found == pytest.approx(float(array_stats.rhat(np.asarray(x), method="identity")), rel=1e-9)
