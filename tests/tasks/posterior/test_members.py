# SPDX-License-Identifier: Apache-2.0
"""Several networks as one posterior: a mixture that is normalized and stored, and doubted where they disagree."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.checks.posterior import disagreement, members_agree
from isinglass.errors import InputError
from isinglass.inference.posterior.ensemble_flow import EqualMixture, members_of
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.rescaled import Rescaled
from isinglass.result import Result
from isinglass.systems.simulator import GaussianLinear
from isinglass.verbs import infer

QUICK = {"simulations": 3000, "steps": 600, "samples": 2000, "width": 32, "halvings": 0, "progress": False}


def shifted(by: float) -> Rescaled:
    """N(by, 1)."""
    return Rescaled(StandardNormal((1,)), jnp.array([by]), jnp.ones(1), jnp.zeros(1, bool))


def test_a_mixture_is_normalized_and_drawn_from():
    """Half of N(-2, 1), half of N(2, 1): ∫ q = 1, the variance 5, and half of the draws above 0."""
    q, grid = EqualMixture((shifted(-2.0), shifted(2.0))), jnp.linspace(-10.0, 10.0, 2001)
    p = np.exp(np.asarray(jax.vmap(lambda u: q.log_prob(u[None]))(grid), float))
    assert p.sum() * 0.01 == pytest.approx(1.0, abs=1e-5)
    drawn = np.asarray(jax.vmap(q.draw)(jax.random.split(jax.random.key(0), 8000)))
    assert (drawn > 0).mean() == pytest.approx(0.5, abs=4.5 * 0.5 / 8000**0.5)
    assert drawn.var() == pytest.approx(5.0, rel=0.06)


def test_networks_that_disagree_are_doubted():
    """0.9 of the bound passes, 1.1 does not; means of three posteriors 0, 0.5 and 1 widths apart."""
    assert members_agree(0.18, 3).verdict == "pass"
    assert members_agree(0.22, 3).verdict == "unknown"
    theta = np.random.default_rng(0).normal(size=(3, 5000, 2)) * [1.0, 3.0]
    assert disagreement(theta) < 0.05
    assert disagreement(theta + np.array([0.0, 1.5, 3.0])[:, None, None] * [0.0, 1.0]) == pytest.approx(0.5, abs=0.05)


def bent(key, theta):
    """x = 2 θ³ + θ + noise of 0.2: no linear regression."""
    return 2 * theta**3 + theta + 0.2 * jax.random.normal(key, (1,))


def exact(x: float) -> tuple[float, float]:
    """Mean and deviation of θ given x, uniform in (-1, 1) before, by a sum."""
    theta = np.linspace(-1, 1, 4001)
    p = np.exp(-0.5 * ((x - 2 * theta**3 - theta) / 0.2) ** 2)
    mean = float(theta @ p / p.sum())
    return mean, float(((theta - mean) ** 2 @ p / p.sum()) ** 0.5)


def test_members_are_one_posterior(tmp_path):
    """The exact moments to a tenth; the same from a saved model, and from a checkpoint."""
    settings = {"prior": {"a": dist.Uniform(-1.0, 1.0)}, "observation": [0.8], "members": 2, **QUICK}
    found = infer(0, bent, checkpoint=tmp_path / "c", **settings)
    mean, deviation = exact(0.8)
    assert found.estimates["a"].value == pytest.approx(mean, abs=0.15 * deviation)
    assert found.estimates["a"].error == pytest.approx(deviation, rel=0.15)
    assert found.estimates["member_disagreement"].value < 0.2
    assert any("2 networks agree" in check.law and check.verdict == "pass" for check in found.checks)
    model, theta, x = found.models["posterior"], jnp.array([0.45]), jnp.array([0.8])
    each = [float(one.given(x).log_prob(theta)) for one in members_of(model)]
    assert float(model.given(x).log_prob(theta)) == pytest.approx(np.log(np.mean(np.exp(each))), abs=1e-5)
    assert each[0] != each[1]
    found.save(tmp_path / "run")
    loaded = Result.load(tmp_path / "run").models["posterior"]
    assert float(loaded.given(x).log_prob(theta)) == float(model.given(x).log_prob(theta))
    assert (tmp_path / "c" / "member_1" / "posterior.safetensors").exists()
    again = infer(0, bent, checkpoint=tmp_path / "c", **settings)
    np.testing.assert_array_equal(again.arrays["a"], found.arrays["a"])


def test_learned_likelihoods_have_one_network():
    with pytest.raises(InputError, match="one network for nle"):
        infer(0, GaussianLinear(dimension=2), observation=np.zeros(2), method="nle", members=2, **QUICK)
