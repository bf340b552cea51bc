# SPDX-License-Identifier: Apache-2.0
"""The scalar problem against sums over its atoms, closed forms, and sampled x and y."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns

PRIORS = [SparseSigns(), SparseSigns(0.3), SparseSigns(0.05), NormalPrior()]


@pytest.mark.parametrize("rho", [1.0, 0.3])
def test_mean_and_variance_by_their_sums(rho):
    a, s = 1.3, 0.8
    x = np.array([-1, 0, 1]) / rho**0.5
    weight = np.array([rho / 2, 1 - rho, rho / 2]) * np.exp(a * x - s * x**2 / 2)
    prior, at = SparseSigns(rho), jnp.asarray(a)
    mean = weight @ x / weight.sum()
    assert float(prior.log_partition(at, s)) == pytest.approx(np.log(weight.sum()), abs=1e-14)
    assert float(prior.mean(at, s)) == pytest.approx(mean, abs=1e-14)
    assert float(prior.variance(at, s)) == pytest.approx(weight @ x**2 / weight.sum() - mean**2, abs=1e-14)


@pytest.mark.parametrize("prior", PRIORS, ids=["signs", "0.3", "0.05", "normal"])
def test_mean_and_variance_are_derivatives(prior):
    of = lambda a: prior.log_partition(a, 0.7)  # noqa: E731
    a = jnp.asarray(0.9)
    assert float(prior.mean(a, 0.7)) == pytest.approx(float(jax.grad(of)(a)), abs=1e-12)
    assert float(prior.variance(a, 0.7)) == pytest.approx(float(jax.grad(jax.grad(of))(a)), abs=1e-12)


@pytest.mark.parametrize("prior", PRIORS, ids=["signs", "0.3", "0.05", "normal"])
def test_overlap_of_sampled_unknowns(prior):
    """2^18 samples, four standard errors (false alarm 1e-4); sees a relative error of 1 %."""
    s = 1.4
    key_x, key_z = jax.random.split(jax.random.key(1))
    x = np.asarray(prior.samples(key_x, 2**18))
    assert abs(np.mean(x**2) - 1) < 4 * np.std(x**2) / 2**9 + 1e-12
    y = s * x + s**0.5 * np.asarray(jax.random.normal(key_z, x.shape))
    product = x * np.asarray(prior.mean(jnp.asarray(y), s))
    assert abs(product.mean() - prior.overlap(s)) < 4 * product.std() / 2**9


@pytest.mark.parametrize("prior", PRIORS, ids=["signs", "0.3", "0.05", "normal"])
def test_information_grows_by_half_the_error(prior):
    """Guo, Shamai and Verdú; with its limits: the entropy of x, and Shannon's ½ ln (1 + s)."""
    rise = (prior.information(2.001) - prior.information(1.999)) / 0.002
    assert rise == pytest.approx((1 - prior.overlap(2.0)) / 2, abs=1e-6)
    assert prior.information(0.0) == pytest.approx(0.0, abs=1e-12)


def test_limits():
    assert SparseSigns().information(60.0) == pytest.approx(np.log(2), abs=1e-9)
    assert SparseSigns(0.3).information(60.0) == pytest.approx(-0.3 * np.log(0.15) - 0.7 * np.log(0.7), abs=1e-3)
    assert NormalPrior().overlap(3.0) == pytest.approx(0.75, abs=1e-9)
    assert NormalPrior().information(3.0) == pytest.approx(np.log(2), abs=1e-9)
    with pytest.raises(ValueError, match="rho above 0"):
        SparseSigns(0.0)
