# SPDX-License-Identifier: Apache-2.0
"""Pairs of a linear, normal law are told from all others; the exact posterior is found without a network."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest, norm

from isinglass.inference.posterior import normality
from isinglass.inference.posterior.conditional import DENSITIES
from isinglass.result import Result
from isinglass.systems.simulator import GaussianLinear, TwoMoons
from isinglass.verbs import infer

N = 8000


def linear(rng, d=3, m=3, n=N):
    """u ~ N(0, 1), z = u and noise of 1: u given z is N(z/2, 1/2)."""
    u = rng.normal(size=(n, d))
    return u, u[:, np.arange(m) % d] + rng.normal(size=(n, m))


def uniform(rng):
    u = rng.normal(size=(N, 2))
    return u, norm.cdf(u) + 0.05 * rng.normal(size=(N, 2))


def bent(rng):
    u, z = linear(rng)
    return u, z + 0.15 * u**2


def wider(rng):
    u, z = linear(rng)
    return u, u + (z - u) * np.exp(0.15 * u)


def heavy(rng):
    u = rng.normal(size=(N, 3))
    return u, u + rng.standard_t(5, size=(N, 3))


def rare(rng):
    """One of a hundred has three times the noise."""
    u, z = linear(rng)
    return u, u + (z - u) * np.where(rng.random((N, 1)) < 0.02, 3.0, 1.0)


def product(rng):
    u = rng.normal(size=(N, 2))
    return u, u[:, :1] * u[:, 1:] + 0.5 * rng.normal(size=(N, 1))


def width(rng):
    u = rng.normal(size=(N, 1))
    return u, np.exp(0.3 * u) * rng.normal(size=(N, 10))


def apart(rng):
    """Each residual is normal, and the two together are not."""
    u, z = linear(rng, 2, 2)
    r = rng.normal(size=(N, 2))
    r[:, 1] = np.abs(r[:, 1]) * np.sign(r[:, 0])
    return z / 2 + 0.7 * r, z


def waves(rng):
    u = rng.normal(size=(N, 2))
    return u, u + 0.2 * np.sin(5 * u) + 0.2 * rng.normal(size=(N, 2))


@pytest.mark.parametrize(("d", "m", "n"), [(3, 3, N), (10, 10, N), (1, 1, N), (2, 90, N), (2, 3, 1200)])
def test_a_linear_normal_law_is_found(d, m, n):
    """p-values are no smaller than uniform ones: they are those of the worst of five tests, times five."""
    p = [normality(*linear(np.random.default_rng(seed), d, m, n)) for seed in range(8)]
    assert kstest(p, "uniform", alternative="greater").pvalue > 1e-3
    assert min(p) > 1e-3


@pytest.mark.parametrize("pairs", [uniform, bent, wider, heavy, rare, product, width, apart, waves])
@pytest.mark.parametrize("seed", range(3))
def test_any_other_law_is_told(pairs, seed):
    assert normality(*pairs(np.random.default_rng(seed))) < 1e-3


def test_a_constant_and_a_repeated_number_of_the_data_are_no_hindrance():
    u, z = linear(np.random.default_rng(0))
    assert normality(u, np.concatenate([z, z[:, :1], np.ones((N, 1))], axis=1)) > 1e-2


def test_pairs_that_cannot_tell():
    """Few of them; a number that is 0 in nine of ten simulations, as counts are."""
    u, z = linear(np.random.default_rng(0))
    assert normality(u[:900], z[:900]) == 0.0
    assert normality(u, np.random.default_rng(1).normal(size=(N, 500))) == 0.0
    assert normality(u, np.concatenate([z, np.random.default_rng(1).poisson(0.1, (N, 1))], axis=1)) == 0.0


@pytest.fixture(scope="module")
def found():
    """Of 10,000 pairs, without a network."""
    seen = np.array([0.3, -0.2])
    return infer(0, GaussianLinear(dimension=2), observation=seen, progress=False)


def test_the_exact_posterior_without_a_network(found):
    """N(x/2, 0.05): means to three errors of the regression and of 10,000 samples, widths to 3 %; no steps."""
    s = 0.05**0.5
    for i, x in enumerate((0.3, -0.2)):
        assert found.estimates[f"theta_{i}"].value == pytest.approx(x / 2, abs=0.05 * s)
        assert found.estimates[f"theta_{i}"].error == pytest.approx(s, rel=0.03)
    assert found.verdict == "pass"
    assert found.metrics == []
    assert "training_history" not in found.figures
    check = next(c for c in found.checks if "normal, whatever the data" in c.law)
    assert check.measured > 0.01


def test_it_is_saved(found, tmp_path):
    found.save(tmp_path / "run")
    x, theta = jnp.array([0.1, 0.4]), jnp.array([0.1, 0.1])
    models = [result.models["posterior"] for result in (found, Result.load(tmp_path / "run"))]
    both = [model.given(x).log_prob(theta) for model in models]
    assert both[0] == both[1]
    exact = norm(np.asarray(x) / 2, 0.05**0.5).logpdf(0.1).sum()
    assert float(both[0]) == pytest.approx(exact, abs=0.05)


@pytest.mark.slow
def test_asked_for_where_it_is_wrong_it_fails():
    assert DENSITIES[-1] == "normal"
    result = infer(0, TwoMoons(), observation=np.zeros(2), density="normal", simulations=5000, progress=False)
    assert result.verdict == "fail"
    assert next(c for c in result.checks if "normal, whatever the data" in c.law).verdict == "fail"
