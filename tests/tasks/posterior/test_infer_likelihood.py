# SPDX-License-Identifier: Apache-2.0
"""Posteriors of likelihoods in closed form: moments and evidence are exact; lost modes and wrong moves are refuted."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist
from scipy.stats import multivariate_normal

from isinglass.errors import InputError
from isinglass.sampling.weight import differential_evolution
from isinglass.systems.simulator import GaussianLinear, LogLikelihood
from isinglass.verbs import infer

RNG = np.random.default_rng(0)
T, SIGMA, TAU = np.linspace(0, 1, 30), 0.3, (2.0, 3.0)
Y = 2 * T + 0.5 + SIGMA * RNG.normal(size=30)
A = np.stack([T, np.ones(30)], axis=1)
LINE = {"slope": dist.Normal(0.0, TAU[0]), "offset": dist.Normal(0.0, TAU[1])}
QUIET = {"progress": False}


def line(p):
    """ln of the likelihood of a straight line with known noise, normalized."""
    off = Y - p["slope"] * T - p["offset"]
    return -0.5 * (off @ off) / SIGMA**2 - 30 * jnp.log(SIGMA * jnp.sqrt(2 * jnp.pi))


def exact():
    """Mean, covariance and ln Z of the line."""
    C = np.linalg.inv(A.T @ A / SIGMA**2 + np.diag(1 / np.square(TAU)))
    marginal = A @ np.diag(np.square(TAU)) @ A.T + SIGMA**2 * np.eye(30)
    return C @ A.T @ Y / SIGMA**2, C, multivariate_normal(np.zeros(30), marginal).logpdf(Y)


@pytest.mark.parametrize("method", ["smc", pytest.param("hmc", marks=pytest.mark.slow),
                                    pytest.param("nuts", marks=pytest.mark.slow)])  # fmt: skip
def test_a_straight_line(method):
    """Bayesian linear regression: means within 0.1 of a width, widths within 6 %, ln Z within 4 errors."""
    found = infer(0, LogLikelihood(line, names=True), prior=LINE, method=method, **QUIET)
    mean, C, log_z = exact()
    for i, name in enumerate(("slope", "offset")):
        assert found.estimates[name].value == pytest.approx(mean[i], abs=0.1 * C[i, i] ** 0.5)
        assert found.estimates[name].error == pytest.approx(C[i, i] ** 0.5, rel=0.06)
    slope, offset = (found.arrays[name].to_numpy() for name in ("slope", "offset"))
    assert np.corrcoef(slope, offset)[0, 1] == pytest.approx(C[0, 1] / np.sqrt(C[0, 0] * C[1, 1]), abs=0.05)
    z = found.estimates["log_evidence"]
    assert z.error < 0.1
    assert abs(z.value - log_z) < 4 * z.error
    assert found.verdict == "pass"


def two_modes(theta):
    """Two normal modes of width 0.05 at ±1, with weights 3:1."""
    modes = jnp.stack([-0.5 * ((theta[0] - 1) / 0.05) ** 2 + jnp.log(3.0), -0.5 * ((theta[0] + 1) / 0.05) ** 2])
    return jax.scipy.special.logsumexp(modes)


def test_two_modes_have_their_weights():
    """¾ of the samples are in the larger one, to 4 errors of 16 populations."""
    found = infer(0, LogLikelihood(two_modes), prior={"a": dist.Uniform(-3.0, 3.0)}, samples=16_384, **QUIET)
    assert float((found.arrays["a"] > 0).mean()) == pytest.approx(0.75, abs=0.06)
    assert found.verdict == "pass"


@pytest.mark.slow
def test_chains_that_never_meet_are_refuted():
    found = infer(0, LogLikelihood(two_modes), prior={"a": dist.Uniform(-3.0, 3.0)}, method="hmc", **QUIET)
    assert found.verdict == "fail"


def test_moves_that_accept_too_much_are_refuted(monkeypatch):
    """Planted: ln w times 0.7 in the moves, so that the posterior is too wide; the virial theorem sees it."""
    moved_by = differential_evolution.moved_by

    def warm(key, x, log_w, others, system):
        warmer = eqx.tree_at(lambda s: s.beta, system, jnp.asarray(0.7))
        return moved_by(key, x, jax.vmap(warmer.log_weight)(x), others, warmer)

    monkeypatch.setattr(differential_evolution, "moved_by", warm)
    found = infer(0, LogLikelihood(lambda theta: line({"slope": theta[0], "offset": theta[1]})), prior=LINE, **QUIET)
    assert [check.verdict for check in found.checks if "virial" in check.law] == ["fail"]


def test_a_simulator_with_a_likelihood():
    """N(x/2, 0.05), and the evidence N(x; 0, 0.2) of each entry."""
    x = np.array([0.3, -0.2])
    found = infer(0, GaussianLinear(dimension=2), observation=x, method="smc", **QUIET)
    for i in range(2):
        assert found.estimates[f"theta_{i}"].value == pytest.approx(x[i] / 2, abs=0.02)
        assert found.estimates[f"theta_{i}"].error == pytest.approx(0.05**0.5, rel=0.06)
    exact_z = float(np.sum(-0.5 * x**2 / 0.2 - 0.5 * np.log(2 * np.pi * 0.2)))
    assert found.estimates["log_evidence"].value == pytest.approx(exact_z, abs=0.1)


def test_a_likelihood_that_is_no_number_somewhere_is_doubted():
    found = infer(0, LogLikelihood(lambda theta: -0.5 * jnp.sqrt(theta[0] - 0.2)), prior={"a": dist.Uniform(0.0, 1.0)},
                  **QUIET)  # fmt: skip
    assert found.verdict == "unknown"
    assert float(found.arrays["a"].min()) >= 0.2


def test_an_edge_of_the_prior_is_named():
    found = infer(0, LogLikelihood(lambda theta: 30 * theta[0]), prior={"a": dist.Uniform(0.0, 1.0)}, **QUIET)
    assert any("a piles up at 1" in note for note in found.notes)


@pytest.mark.parametrize(("of", "prior", "expected"), [
    (lambda theta: theta, {"a": dist.Uniform(0.0, 1.0), "b": dist.Uniform(0.0, 1.0)}, "one real number"),
    (lambda theta: jnp.log(-theta[0] - 1), {"a": dist.Uniform(0.0, 1.0)}, "finite within the prior"),
    (lambda theta: 1 / jnp.floor(theta[0]), {"a": dist.Uniform(0.0, 1.0)}, "finite within the prior"),
    (lambda theta: float(theta[0]), {"a": dist.Uniform(0.0, 1.0)}, "a function of JAX"),
    (lambda theta: theta["b"], {"a": dist.Uniform(0.0, 1.0)}, "a function of JAX"),
    (lambda theta: theta[0], None, "a prior"),
    (3.0, {"a": dist.Uniform(0.0, 1.0)}, "LogLikelihood of a function"),
])  # fmt: skip
def test_bad_likelihoods_are_refused(of, prior, expected):
    with pytest.raises(InputError, match=expected):
        infer(0, LogLikelihood(of), prior=prior, **QUIET)


def test_a_simulator_without_a_likelihood_is_refused():
    from isinglass.systems.simulator import TwoMoons

    with pytest.raises(InputError, match="log_likelihood"):
        infer(0, TwoMoons(), observation=np.zeros(2), method="smc", **QUIET)
