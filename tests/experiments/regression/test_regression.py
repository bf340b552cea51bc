# SPDX-License-Identifier: Apache-2.0
"""Ridge, random features, kernels: claims with few samples; wrong theories, leaks and bad requests are seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.experiments import claims

from isinglass.errors import InputError
from isinglass.exact.regression import kernel_regression, linear_regression, random_features
from isinglass.experiments.regression import ridge_ensemble
from isinglass.experiments.regression.double_descent import DoubleDescent
from isinglass.experiments.regression.features_ensemble import feature_risks, weak_features
from isinglass.experiments.regression.kernel_ensemble import kernel_errors
from isinglass.experiments.regression.kernel_exponents import KernelExponents
from isinglass.experiments.regression.ridge_ensemble import fits, least_squares, ridge_risks
from isinglass.experiments.regression.ridge_theory import RidgeTheory

ALL = [RidgeTheory, DoubleDescent, KernelExponents]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ALL, ids=lambda e: e.name)
def test_the_claims_hold(experiment):
    claims.hold(experiment)


def without_fitted_noise(of):
    """E without its factor 1/(1 - γ)."""
    return lambda *given: (e := of(*given))._replace(bias=e.bias * (1 - e.gamma), variance=e.variance * (1 - e.gamma))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "where", "name", "wrong"),
    [
        (RidgeTheory, linear_regression, "ridge_risk",
         lambda of: lambda penalty, gamma, noise: of(penalty, gamma * 1.3, noise)),
        (RidgeTheory, kernel_regression, "kernel_error", without_fitted_noise),
        (RidgeTheory, linear_regression, "least_squares_risks", lambda of: lambda n, p, noise: of(n, p, noise / 2)),
        (DoubleDescent, random_features, "features_error", lambda of: lambda p, *given: of(1.3 * p, *given)),
        (DoubleDescent, linear_regression, "weak_features_error", lambda of: lambda n, p, *given: of(n + 5, p, *given)),
        (KernelExponents, kernel_regression, "kernel_error", without_fitted_noise),
    ],
    ids=["wrong gamma", "missing factor", "half the noise", "other features",
         "five rows more", "missing factor, kernel"],
)  # fmt: skip
def test_a_wrong_theory_is_refuted(monkeypatch, experiment, where, name, wrong):
    claims.refuted(monkeypatch, experiment, where, name, wrong)


@pytest.mark.slow
def test_test_rows_among_the_training_rows_are_seen(monkeypatch):
    """Planted: a fifth of the new rows are rows of the training."""

    def leaky(keys, n, p, noise):
        found = np.array(least_squares(keys, n, p, noise))
        found[:, 1] = 0.8 * found[:, 1] + 0.2 * found[:, 0]
        return found

    monkeypatch.setattr("isinglass.experiments.regression.ridge_theory.least_squares", leaky)
    result = RidgeTheory.preset("smoke").run(jax.random.key(1))
    assert {c.law.split(",")[0] for c in result.checks if c.verdict == "fail"} == {"test error of least squares"}


@pytest.mark.parametrize(
    ("experiment", "settings", "message"),
    [
        (RidgeTheory, {"sizes": (60,)}, "two sizes or more"),
        (RidgeTheory, {"sizes": (61, 120)}, "whole γ n"),
        (RidgeTheory, {"samples": 1}, "two samples or more"),
        (RidgeTheory, {"least_squares_columns": (28,)}, "columns from 1 to 25"),
        (DoubleDescent, {"sizes": (32,)}, "two sizes or more"),
        (DoubleDescent, {"ratios": (0.01, 1.0)}, "two features or more"),
        (DoubleDescent, {"weak_ratios": (1.0,)}, "weak_ratios of"),
        (DoubleDescent, {"samples": 1}, "two samples or more"),
        (KernelExponents, {"examples": (100,)}, "two numbers of examples"),
        (KernelExponents, {"modes": 300}, "modes of at least 800"),
        (KernelExponents, {"pairs": ((1.0, 2.0),)}, "a and b above 1"),
        (KernelExponents, {"samples": 1}, "two samples or more"),
    ],
)
def test_requests_that_theory_does_not_hold_for(experiment, settings, message):
    with pytest.raises(InputError, match=message):
        experiment(**settings).run(jax.random.key(0))


@pytest.mark.parametrize("p", [5, 12])
def test_all_penalties_at_once(p):
    """Beside one solution for each; λ = 0: the pseudo-inverse."""
    rng = np.random.default_rng(0)
    X, f, e = rng.normal(size=(8, p)), rng.normal(size=8), rng.normal(size=8)
    found = fits(jnp.asarray(X), jnp.asarray(f), jnp.asarray(e), jnp.array([0.0, 0.3]))
    ridge = np.linalg.solve(X.T @ X / 8 + 0.3 * np.eye(p), X.T / 8)
    for fit, y in ((found.signal, f), (found.noise, e)):
        np.testing.assert_allclose(fit, [np.linalg.pinv(X) @ y, ridge @ y], atol=1e-10)


def test_bias_and_variance_are_those_of_fixed_inputs():
    """Means over noise at the inputs of the program, by the closed form for these; two data sets for each key."""
    key, w, s = jax.random.key(2), np.array([1.0, -0.5, 0.2]), np.ones(3)
    found = ridge_risks(key[None], 6, w, s, np.array([0.4]))
    bias, variance = [], []
    for each in jax.random.split(key):
        X = np.asarray(jax.random.normal(jax.random.split(each)[0], (6, 3)))
        of = linear_regression.ridge_bias_variance(X, w, 0.4, 1.0)
        bias.append(of[0])
        variance.append(of[1])
    assert float(found.bias[0, 0]) == pytest.approx(np.mean(bias), rel=1e-9)
    assert float(found.variance[0, 0]) == pytest.approx(np.mean(variance), rel=3.0)
    assert found.mean_bias.shape == (1, 1)


def test_least_squares_of_the_program():
    """Training error below the test error; no other weights have less variance."""
    train, test, best, other = np.asarray(least_squares(jax.random.split(jax.random.key(0), 200), 12, 4, 1.0)).T
    assert train.mean() < 1 < test.mean()
    assert (other > best).all()
    assert ridge_ensemble.__all__ == ["Fits", "RidgeRisks", "fits", "least_squares", "ridge_risks"]


def test_features_without_noise_and_all_inputs_seen():
    """A linear model of all inputs fits a noiseless target; features of many more than examples fit well."""
    keys = jax.random.split(jax.random.key(0), 3)
    np.testing.assert_allclose(weak_features(keys, 20, 10, 10, 0.0), 0, atol=1e-20)
    risks = feature_risks(keys, 6, 60, 120, jnp.array([1e-4]), 50)
    assert risks.bias.shape == (3, 1)
    assert float(risks.bias.mean()) < 0.1 < float(risks.variance.mean())


def test_kernel_regression_in_its_own_features():
    """P modes, P examples, no noise: the fit is exact; a large ridge learns nothing."""
    keys = jax.random.split(jax.random.key(1), 4)
    spectrum = kernel_regression.power_spectrum(5, 1.5)
    found = np.asarray(kernel_errors(keys, 5, spectrum, spectrum, jnp.zeros(2), jnp.array([0.0, 1e9])))
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-9)
    np.testing.assert_allclose(found[:, 1], spectrum.sum(), rtol=1e-6)
