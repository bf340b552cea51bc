# SPDX-License-Identifier: Apache-2.0
"""The supervised search on exact draws of a toy order parameter with T_c and nu put in by hand."""

import jax
import numpy as np
import pytest

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.chain_sums import bootstrap_curves, chain_sums, curves
from isinglass.inference.phases.supervised import Supervised, supervised

TC = 2.3


def toy(L, rng, chains=32, per_chain=6):
    """Independent spins of mean m = L^(-1/8) μ / 3, with μ from exp(-(x μ²/2 + μ⁴/4)), x = (T - TC) L.

    μ is drawn stratified (one value from each of n equal parts of its law), so that few rows carry little noise: T_c is
    then found much closer than the stated error, which knows only of random draws.
    """
    T = np.concatenate([np.linspace(2.1, 2.5, 9), [1.3, 1.5, 3.1, 3.3]])
    mu, n = np.linspace(-3, 3, 4001), chains * per_chain
    rows = []
    for t in T:
        log_p = -(np.clip((t - TC) * L, -6, 8) * mu**2) / 2 - mu**4 / 4
        cdf = np.cumsum(np.exp(log_p - log_p.max()))
        m = np.interp((rng.permutation(n) + 0.5) / n, cdf / cdf[-1], mu) * L ** (-1 / 8) / 3
        m = np.where(t < 1.9, np.sign(m + 1e-9) * 0.97, np.where(t > 3, 0.0, m))
        rows.append(np.where(rng.random((n, L, L)) < (1 + m[:, None, None]) / 2, 1, -1).astype(np.int8))
    chain = np.tile(np.repeat(np.arange(chains), per_chain), len(T))
    return Configurations(np.concatenate(rows), np.repeat(T, n), "ising", chain=chain)


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(0)
    data = {L: toy(L, rng) for L in (16, 24, 40)}
    return supervised(jax.random.key(0), data, Supervised(members=2, steps=200, resamples=30, omega=None))


@pytest.mark.slow
def test_finds_the_transition_that_was_put_in(result):
    """Deterministic given the key: within 0.03, though the range is 0.4 wide and no label lies within 0.4 of T_c."""
    found = result.estimates["critical_temperature/supervised_mlp"]
    assert abs(found.value - TC) < 0.03
    assert 0 < found.error < 0.2


@pytest.mark.slow
def test_curves_fall_from_order_to_disorder(result):
    output = result.arrays.output_supervised_mlp.values
    assert (output[:, 0] > output[:, -1]).all()
    assert set(result.arrays.dims) == {"size", "temperature"}
    assert not ((result.arrays.temperature < 1.85) | (result.arrays.temperature > 2.75)).any()


def test_ends_must_be_there(key):
    data = {8: toy(8, np.random.default_rng(0))}
    with pytest.raises(ValueError, match="widen the range"):
        supervised(key, data, Supervised(ordered_below=1.0))
    with pytest.raises(ValueError, match="ordered_below < disordered_above"):
        Supervised(ordered_below=3.0)


def test_skewness_forgets_scale_and_offset():
    """Law: z -> a z + b changes neither curve that the collapse uses; planted: z -> exp(z) does."""
    rng = np.random.default_rng(0)
    z, T, chain, E = (
        rng.gamma(2.0, size=(2, 600)),
        np.repeat([2.0, 2.1], 300),
        np.tile(np.arange(30), 20),
        rng.random(600),
    )
    here, moved = curves(chain_sums(z, T, chain, E)), curves(chain_sums(7 * z - 30, T, chain, E))
    np.testing.assert_allclose(moved.skewness, here.skewness, rtol=1e-9)
    np.testing.assert_allclose(moved.log_slope, here.log_slope, rtol=1e-9)
    assert np.abs(curves(chain_sums(np.exp(z), T, chain, E)).skewness / here.skewness - 1).min() > 0.1


def test_skewness_is_scipys():
    from scipy.stats import skew

    z = np.random.default_rng(1).gamma(2.0, size=(1, 500))
    sums = chain_sums(z, np.full(500, 2.0), np.arange(500) % 10)
    np.testing.assert_allclose(curves(sums).skewness, [skew(z[0])], rtol=1e-10)


def test_bootstrap_sees_correlation_within_chains():
    """Rows repeated 20 times within their chain: the error is that of the chains, not of the rows."""
    rng = np.random.default_rng(2)
    z = np.repeat(rng.normal(size=(1, 100)), 20, axis=1)
    sums = chain_sums(z, np.full(2000, 2.0), np.repeat(np.arange(100), 20))
    spread = bootstrap_curves(rng, sums, 400).output.std()
    p = 1 / (1 + np.exp(-z[0, ::20]))
    np.testing.assert_allclose(spread, p.std() / 10, rtol=0.15)
