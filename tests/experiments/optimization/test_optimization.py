# SPDX-License-Identifier: Apache-2.0
"""Regularizers and noisy descent: claims with few samples; wrong laws and bad requests are seen."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tests.experiments import claims

from isinglass.errors import InputError
from isinglass.exact.optimization import escape, quadratic, spin_landscape
from isinglass.exact.regression import linear_regression, neural_tangent
from isinglass.experiments.optimization.chebyshev_network import HessianProduct, first_weights, loss, permuted
from isinglass.experiments.optimization.descent import descend
from isinglass.experiments.optimization.landscape import Landscape
from isinglass.experiments.optimization.regularisers import Regularisers, stopped_risk
from isinglass.experiments.optimization.saddles import saddles
from isinglass.experiments.optimization.sgd_ensemble import minibatch_moments, passages, shares
from isinglass.experiments.optimization.sgd_temperature import SGDTemperature, two_wells
from isinglass.experiments.optimization.wide_ensemble import wide_networks
from isinglass.experiments.optimization.wide_networks import WideNetworks
from isinglass.training.optimizer import Optimizer

ALL = [Regularisers, SGDTemperature, Landscape, WideNetworks]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ALL, ids=lambda e: e.name)
def test_the_claims_hold(experiment):
    claims.hold(experiment)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "where", "name", "wrong"),
    [
        (Regularisers, linear_regression, "dropout_penalty", lambda of: lambda X, rate: of(X, rate) * (1 - rate)),
        (Regularisers, linear_regression, "early_stopping_shrinkage", lambda of: lambda s, rate, t: of(s, rate, t + 1)),
        (SGDTemperature, quadratic, "stationary_variance",
         lambda of: lambda e, rate, noise, b=0.0: of(e, rate, noise / 2, b)),
        (SGDTemperature, quadratic, "minibatch_covariance",
         lambda of: lambda X, y, rate, batch: of(X, y, rate, batch + 1)),
        (SGDTemperature, quadratic, "best_heavy_ball", lambda of: lambda low, top: of(low, top)._replace(momentum=0.5)),
        (SGDTemperature, escape, "passage_time", lambda of: lambda g, rate, noise, *at: of(g, rate, 0.8 * noise, *at)),
        (Landscape, spin_landscape, "index_fraction", lambda of: lambda e, p: of(0.6 * e, p)),
        (WideNetworks, neural_tangent, "tangent_kernel", lambda of: lambda x, z, hidden: of(x, z, hidden - 1)),
    ],
    ids=["dropout", "a step too many", "half the noise", "batch", "another condition", "a colder escape",
         "another energy", "a layer too few"],
)  # fmt: skip
def test_a_wrong_law_is_refuted(monkeypatch, experiment, where, name, wrong):
    claims.refuted(monkeypatch, experiment, where, name, wrong)


@pytest.mark.slow
def test_a_layer_that_is_not_normalized_is_seen(monkeypatch):
    """Planted: ε = 0.1 beside the variance, so that the size of W tells."""
    from isinglass.experiments.optimization import regularisers

    right = regularisers.BatchNorm
    monkeypatch.setattr(
        regularisers, "BatchNorm", lambda n, epsilon, dtype: right(n, epsilon=epsilon + 0.1, dtype=dtype)
    )
    found = Regularisers.preset("smoke").run(jax.random.key(1))
    assert sum("batch normalization" in c.law for c in found.checks if c.verdict == "fail") >= 4


@pytest.mark.parametrize(
    ("experiment", "settings", "message"),
    [
        (Regularisers, {"columns": 20}, "from 2 to 14 columns"),
        (Regularisers, {"dropout": 1.0}, "a dropout below 1"),
        (Regularisers, {"chains": 1}, "two chains and samples"),
        (SGDTemperature, {"eigenvalues": (1.0, 1.0)}, "two eigenvalues"),
        (SGDTemperature, {"stationary": ((0.6, 0.0),)}, "it diverges"),
        (SGDTemperature, {"rates": (0.01, 0.2)}, "at most 9"),
        (SGDTemperature, {"rates": (0.2, 0.9)}, "at most 0.5"),
        (SGDTemperature, {"walkers": 1}, "two chains and walkers"),
        (Landscape, {"spins": (20,)}, "two sizes or more"),
        (Landscape, {"points": 8}, "points of at least 32"),
        (Landscape, {"networks": 1}, "two networks and four blocks"),
        (WideNetworks, {"widths": (32, 64)}, "three widths or more"),
        (WideNetworks, {"networks": 2}, "eight networks or more"),
        (WideNetworks, {"rate": 3.0}, "a rate below"),
    ],
)
def test_requests_that_the_laws_do_not_hold_for(experiment, settings, message):
    with pytest.raises(InputError, match=message):
        experiment(**settings).run(jax.random.key(0))


def test_steps_are_those_of_a_loop():
    w, optimizer = jnp.array([1.0, -2.0]), optax.sgd(0.1, momentum=0.5)
    last, along = descend(optimizer, lambda w, _: 2 * w, w, 5)
    inner = optimizer.init(w)
    for k in range(5):
        updates, inner = optimizer.update(2 * w, inner, w)
        w = w + updates
        np.testing.assert_allclose(along[k], w, rtol=1e-12)
    np.testing.assert_array_equal(last, along[-1])


def test_the_risk_of_stopped_descent_in_its_limits():
    """No step: |w|²; many: that of least squares, (σ²/n) Σ 1/s."""
    s, w = np.array([0.5, 2.0]), np.array([1.0, 1.0])
    assert stopped_risk(s, w, 0.1, 0, 0.3) == pytest.approx(2.0)
    assert stopped_risk(s, w, 0.1, 10_000, 0.3) == pytest.approx(0.3 * 2.5)


def test_walkers_pass_and_stay():
    """All that begin beyond the end have passed; a budget ends the others."""
    key = jax.random.key(0)
    assert (np.asarray(passages(key, two_wells, 0.1, 1.0, 1.5, 1.0, 10, 100)) == 0).all()
    assert (np.asarray(passages(key, two_wells, 0.1, 1e-6, -1.0, 1.0, 10, 50)) == 50).all()
    assert np.asarray(shares(jax.random.split(key, 4), two_wells, 0.1, 3.0, 400)).shape == (4,)


def test_all_rows_in_a_batch_have_no_noise():
    """One row: every batch is the data, and the fit of it stays."""
    found = minibatch_moments(jax.random.split(jax.random.key(0), 2), jnp.ones((1, 1)), jnp.ones(1),
                              Optimizer("sgd", 0.1), 1, 20)  # fmt: skip
    np.testing.assert_allclose(found, 0, atol=1e-20)


def test_stationary_points_are_stationary():
    """Starts on the sphere of 8 spins: most end where the gradient is 0; the share is of 7 eigenvalues."""
    found = saddles(jax.random.split(jax.random.key(0), 12), jnp.zeros(12, int), 8, 60)
    assert (np.asarray(found.gradient) < 1e-8).sum() >= 4
    counts = np.asarray(found.negative) * 7
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    assert np.abs(found.energy).max() < 3


def test_the_product_is_that_of_the_hessian():
    theta, v = first_weights(jax.random.key(0)), jax.random.normal(jax.random.key(1), (192,))
    np.testing.assert_allclose(HessianProduct(theta)(v), -jax.hessian(loss)(theta) @ v, atol=1e-10)
    other = permuted(theta, jnp.arange(12)[::-1])
    assert float(loss(other)) == pytest.approx(float(loss(theta)), rel=1e-12)
    assert float(jnp.abs(other - theta).max()) > 0.1


def test_wide_networks_move_as_their_kernel_says():
    """One small step: f - f_0 = η Θ y, with the kernel of each network; no weight far."""
    x, y = np.random.default_rng(0).normal(size=(3, 2)), np.array([1.0, -1.0])
    found = wide_networks(jax.random.split(jax.random.key(0), 4), x, y, 16, 2, 1e-5, 1)
    expected = 1e-5 * np.asarray(found.kernel)[:, :, :2] @ y
    np.testing.assert_allclose(found.outputs, expected, rtol=1e-3, atol=1e-9)
    assert (np.asarray(found.moved) < 1e-4).all()
