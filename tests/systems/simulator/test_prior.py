# SPDX-License-Identifier: Apache-2.0
"""Priors: densities and ranges of NumPyro's distributions and of own ones; free numbers and back; refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist
from scipy import stats

from isinglass.errors import InputError
from isinglass.systems.simulator.prior import make_prior

MIXED = {
    "interval": dist.Uniform(-2.0, 5.0), "line": dist.Normal(1.0, 2.0), "positive": dist.LogNormal(0.0, 0.5),
    "share": dist.Beta(2.0, 3.0), "half": dist.HalfNormal(2.0),
    "pair": dist.MultivariateNormal(jnp.zeros(2), jnp.array([[1.0, 0.5], [0.5, 2.0]])),
}  # fmt: skip


class Triangle:
    """p(t) = 2t on (0, 1), of one's own."""

    bounds = (0.0, 1.0)

    def sample(self, key):
        return jnp.sqrt(jax.random.uniform(key, (1,)))

    def log_prob(self, theta):
        return jnp.log(2 * theta[0])


def draws(prior, n):
    return jax.vmap(prior.sample)(jax.random.split(jax.random.key(1), n))


def test_names_and_bounds():
    prior = make_prior(MIXED)
    assert prior.names == ("interval", "line", "positive", "share", "half", "pair_0", "pair_1")
    np.testing.assert_array_equal(prior.range.low, [-2, -np.inf, 0, 0, 0, -np.inf, -np.inf])
    np.testing.assert_array_equal(prior.range.high, [5, np.inf, np.inf, 1, np.inf, np.inf, np.inf])


def test_the_density_is_that_of_scipy():
    theta = draws(make_prior(MIXED), 50)
    a, b, c, d, e, *pair = np.asarray(theta).T
    exact = (stats.uniform(-2, 7).logpdf(a) + stats.norm(1, 2).logpdf(b) + stats.lognorm(0.5).logpdf(c)
             + stats.beta(2, 3).logpdf(d) + stats.halfnorm(scale=2).logpdf(e)
             + stats.multivariate_normal([0, 0], [[1, 0.5], [0.5, 2]]).logpdf(np.stack(pair, axis=1)))  # fmt: skip
    np.testing.assert_allclose(jax.vmap(make_prior(MIXED).log_prob)(theta), exact, rtol=1e-10)


def test_a_uniform_parameter_is_normal_in_free_numbers():
    prior = make_prior({"a": dist.Uniform(3.0, 4.0)})
    u = np.asarray(jax.vmap(prior.range.inverse)(draws(prior, 4000)))[:, 0]
    assert stats.kstest(u, "norm").pvalue > 1e-4


def test_no_free_number_leads_out():
    prior = make_prior(MIXED)
    for u in (-1e3, -9.0, 9.0, 1e3):
        assert bool(prior.inside(prior.range.forward(jnp.full(7, u).clip(-700, 700))[0]))
    assert float(prior.log_prob(jnp.array([6.0, 0, 1, 0.5, 1, 0, 0]))) == -np.inf


def test_a_prior_of_ones_own():
    prior = make_prior(Triangle())
    assert (float(prior.range.low[0]), float(prior.range.high[0])) == (0.0, 1.0)
    assert stats.kstest(np.asarray(draws(prior, 2000))[:, 0] ** 2, "uniform").pvalue > 1e-4
    assert float(prior.log_prob(jnp.array([0.5]))) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "an empty dict"), ({"a": 3.0}, "a distribution for 'a'.*found float"), (dist.Uniform, "the class Uniform"),
     ({"a": dist.Poisson(3.0)}, "Poisson, of whole numbers"), ({"a": dist.Dirichlet(jnp.ones(3))}, "on Simplex"),
     ({"a": dist.Uniform(2.0, 1.0)}, "finite at its own draws")],
)  # fmt: skip
def test_what_is_no_prior_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        make_prior(given)


def test_names_are_as_many_as_parameters():
    with pytest.raises(InputError, match="2 names"):
        make_prior(dist.Normal(jnp.zeros(2), 1.0), ["a", "b", "c"])
    assert make_prior(dist.Normal(jnp.zeros(2), 1.0), ["a", "b"]).names == ("a", "b")
