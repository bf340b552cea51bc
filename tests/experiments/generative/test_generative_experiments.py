# SPDX-License-Identifier: Apache-2.0
"""Autoencoders, adversarial pairs, deep energies: claims at the smoke preset; wrong theories and requests are seen."""

import jax
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.generative import divergence
from isinglass.exact.generative import probabilistic_pca as pca
from isinglass.experiments.generative import one_dimension as line
from isinglass.experiments.generative.deep_energy import DeepEnergy, compared, grid, normal
from isinglass.experiments.generative.gan_equilibrium import GANEquilibrium
from isinglass.experiments.generative.linear_autoencoders import fitted_vae, normal_rows
from isinglass.experiments.generative.vae_pca import VAEPCA
from isinglass.nets.latent.adversarial_pair import Critic

ALL = [VAEPCA, GANEquilibrium, DeepEnergy]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ALL, ids=lambda e: e.name)
def test_the_claims_hold(experiment):
    result = experiment.preset("smoke").run(jax.random.key(2))
    odd = [check for check in result.checks if check.verdict != "pass"]
    assert not odd, odd
    assert list(result.plot()) == result.figures


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrong"), [
    ("linear_optimum", lambda of: lambda lam, d, beta=1.0: of(lam, d, 1.2 * beta)),
    ("log_likelihood", lambda of: lambda *a: of(*a) + 0.01),
    ("reconstruction_error", lambda of: lambda lam, d: of(lam, d + 1)),
])  # fmt: skip
def test_a_wrong_optimum_is_refuted(monkeypatch, name, wrong):
    """A weight off by a fifth; a likelihood off by 0.01 nat; a component too many."""
    monkeypatch.setattr(pca, name, wrong(getattr(pca, name)))
    quick = VAEPCA(n=300, betas=(1.0,), steps=2500, plane_steps=20, fields=0, digits=0)
    assert quick.linear(jax.random.key(0), normal_rows(0, 300, 16, (6.0, 3.0, 1.5))).verdict == "fail"


def test_a_linear_model_reaches_the_likelihood(key):
    """Of 200 rows of 4 entries within 1e-3 nat; a trained noise of another row's spectrum would not be."""
    rows = normal_rows(1, 200, 4, (4.0,))
    found = fitted_vae(key, rows, 1, 1.0, 1200)
    best = pca.linear_optimum(rows.eigenvalues, 1)
    assert found.objective == pytest.approx(best.objective, abs=1e-3)
    assert found.log_likelihood == pytest.approx(best.objective, abs=1e-3)


def test_quadrature_of_the_optimal_critic_is_the_best_value(monkeypatch):
    """ln p/q itself; with p and q exchanged the value falls far below."""
    p, q, step = line.density_p(line.NODES), line.density_q(line.NODES), line.NODES[1] - line.NODES[0]
    best = divergence.best_value(p, q, step)
    for sign in (1, -1):
        T = sign * (np.log(p + 1e-300) - np.log(q + 1e-300))
        monkeypatch.setattr(line, "at_nodes", lambda critic, T=T: T)
        found = line.by_quadrature(Critic(key=jax.random.key(0), in_shape=(1,), hidden=()))
        assert (abs(found.value - best) < 1e-9) == (sign == 1)
        assert (found.off_optimum < 1e-9) == (sign == 1)
    assert line.masses_p().sum() == pytest.approx(1.0)


def test_an_energy_off_by_more_than_a_constant_fails():
    """The true one plus 7 passes; 1.3 times it fails."""
    plane = normal(jax.random.key(0), 10)
    assert compared("x", plane, -plane.log_p + 7.0).verdict == "pass"
    assert compared("x", plane, -1.3 * plane.log_p).verdict == "fail"
    assert len(plane.log_p) == len(grid())


@pytest.mark.parametrize(("experiment", "settings", "message"), [
    (VAEPCA, {"betas": (2.0,)}, "β x latent"),
    (VAEPCA, {"betas": (1.0, 9.0)}, "β x latent"),
    (GANEquilibrium, {"kinds": ("hinge",)}, "kinds among"),
    (DeepEnergy, {"step_size": 0.5}, "step_size of at most"),
])  # fmt: skip
def test_requests_are_checked(experiment, settings, message):
    with pytest.raises(InputError, match=message):
        experiment(**settings).run(jax.random.key(0))
