# SPDX-License-Identifier: Apache-2.0
"""ln Z by annealed importance sampling and by sequential Monte Carlo: free field in closed form, phi^4 4 x 4 exact."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.gaussians import Harmonic

from isinglass.exact.field.free_field import log_partition_function
from isinglass.nets.density import StandardNormal
from isinglass.sampling import MALA, RandomWalk
from isinglass.sampling.chain.hmc import FixedLengthHMC
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.weight.annealed_importance import annealed_importance
from isinglass.sampling.weight.sequential_monte_carlo import next_b, sequential_monte_carlo, systematic
from isinglass.stats.weights import ess_fraction, self_normalized_mean
from isinglass.systems import Phi4, free_field

BASE = StandardNormal((4, 4))
FREE, PHI4 = free_field((4, 4), m2=1.0), Phi4((4, 4), m2=-4.0, lam=8.0)
LOG_Z = {"free": log_partition_function((4, 4), 1.0), "phi4": 2.40513896}
SYSTEMS = {"free": FREE, "phi4": PHI4}


class Colder(AbstractSampler):
    """A random walk at 1.5 beta: the planted error."""

    def step(self, key, x, system):
        colder = eqx.tree_at(lambda s: s.beta, system, 1.5 * system.beta)
        return RandomWalk(0.3).step(key, x, colder)


def test_closed_form_is_that_of_the_table():
    assert LOG_Z["free"] == pytest.approx(2.6870456299, abs=1e-9)


@pytest.mark.parametrize("name", [pytest.param("free", marks=pytest.mark.slow), "phi4"])
@pytest.mark.parametrize("method", [pytest.param(annealed_importance, marks=pytest.mark.slow), sequential_monte_carlo])
def test_log_z_is_exact_within_its_error(key, name, method):
    """4 standard errors, of at most 0.08."""
    size = {"walkers": 2048, "steps": 300} if method is annealed_importance else {"walkers": 256, "groups": 16}
    found = method(key, FixedLengthHMC(0.2, steps=4), BASE, SYSTEMS[name], **size)
    assert float(found.log_z_error) < 0.08
    assert abs(float(found.log_z) - LOG_Z[name]) < 4 * float(found.log_z_error), (found.log_z, found.log_z_error)


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [RandomWalk(0.3), MALA(0.02)], ids=["random_walk", "mala"])
def test_few_steps_are_unbiased_too(key, kernel):
    """Ten steps only: weights scatter, but <W> = Z; moments by weights are right."""
    found = annealed_importance(key, kernel, BASE, FREE, steps=10, walkers=20_000)
    assert abs(float(found.log_z) - LOG_Z["free"]) < 4 * float(found.log_z_error)
    phi2 = jnp.mean(found.x.astype(float) ** 2, axis=(1, 2))
    value, error = self_normalized_mean(phi2, found.log_weight)
    assert abs(float(value) - 0.263492063492) < 4 * float(error)
    assert 0.2 < float(found.acceptance[5:].mean()) < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("method", [annealed_importance, sequential_monte_carlo])
def test_a_kernel_with_another_law_is_caught(key, method):
    size = {"walkers": 4096, "steps": 50} if method is annealed_importance else {"walkers": 256, "groups": 16}
    found = method(key, Colder(), BASE, FREE, sweeps=4, **size)
    assert abs(float(found.log_z) - LOG_Z["free"]) > 4 * float(found.log_z_error)


def test_errors_of_log_z_are_calibrated(key):
    """64 runs on a shifted parabola: z-scores have mean 0 and variance 1 within 4 standard errors."""
    target = Harmonic(4.0, a=1.0, d=2)
    exact = np.log(2 * np.pi / 4.0)
    run = lambda k: annealed_importance(k, RandomWalk(0.5), StandardNormal((2,)), target, steps=20, walkers=256)  # noqa: E731
    found = jax.lax.map(lambda k: run(k)[2:4], jax.random.split(key, 64))
    z = (np.asarray(found[0]) - exact) / np.asarray(found[1])
    assert abs(z.mean()) < 4 / 8
    assert abs(z.var() - 1) < 4 * (2 / 64) ** 0.5


@pytest.mark.slow
def test_the_population_follows_the_target(key):
    """<phi^2> and <phi^4> of phi^4 within 4 standard errors over groups, and every group arrived."""
    found = sequential_monte_carlo(key, FixedLengthHMC(0.2, steps=4), BASE, PHI4, walkers=256, groups=16, sweeps=10)
    x = np.asarray(found.x, float).reshape(16, 256, 4, 4)
    for power, expected in ((2, 0.14774621), (4, 0.0443759)):
        groups = (x**power).mean((1, 2, 3))
        assert abs(groups.mean() - expected) < 4 * groups.std(ddof=1) / 4
    assert np.all(np.asarray(found.stages) < 100)


def test_stages_leave_the_share_that_was_asked_for(key):
    ratio = 5 * jax.random.normal(key, (1000,))
    b = next_b(jnp.asarray(0.1), ratio, 0.7)
    assert float(ess_fraction((b - 0.1) * ratio)[0]) == pytest.approx(0.7, abs=1e-6)
    assert float(next_b(jnp.asarray(0.1), 0.01 * ratio, 0.7)) == 1.0


def test_resampling_copies_by_weight(key):
    log_weight = jax.random.normal(key, (100,))
    share = 100 * np.exp(np.asarray(log_weight)) / np.exp(np.asarray(log_weight)).sum()
    counts = np.bincount(np.asarray(systematic(key, log_weight)), minlength=100)
    assert np.all((counts >= np.floor(share)) & (counts <= np.ceil(share)))
