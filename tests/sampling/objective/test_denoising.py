# SPDX-License-Identifier: Apache-2.0
"""The denoising loss has its minimum at the exact denoiser, and `fit` finds it."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.diffusion.diffused import gaussian_denoiser, mixture

from isinglass.nets.diffusion.denoiser import AbstractDenoiser, Denoiser
from isinglass.nets.diffusion.diffusion import Diffusion, ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import AbstractGaussian, IsotropicGaussian, isotropic_gaussian
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule, Discrete, VariancePreserving
from isinglass.nets.diffusion.score_mlp import ScoreMLP
from isinglass.sampling.objective.denoising import Denoising
from isinglass.systems import GaussianMixture
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

TARGETS = ("residual", "data", "noise", "velocity")


@eqx.filter_jit
def losses(key, model, x, target, levels="modes"):
    """Means over 40 batches of independent samples."""
    one = lambda batch: Denoising(target, levels)(batch[0], model, (batch[1],))[0]  # noqa: E731
    return jax.lax.map(one, (jax.random.split(key, 40), x.reshape(40, -1, *x.shape[1:])))


def test_loss_of_a_gaussian_is_one(key):
    """Residual target, reference and data N(0, 1): L = 1 within 4 errors of 0.005; data of variance 1.2 not."""
    exact = gaussian_denoiser(VariancePreserving(), 1.0)
    for scale, close in ((1.0, True), (1.2**0.5, False)):
        x = scale * jax.random.normal(key, (80_000, 1), jnp.float32)
        L = losses(jax.random.key(1), exact, x, "residual")
        assert bool(abs(L.mean() - 1) < 4 * L.std() / 40**0.5) is close, L.mean()


class Perturbed(AbstractDenoiser):
    """The planted error: the exact denoiser times a number."""

    gaussian: AbstractGaussian
    schedule: AbstractNoiseSchedule
    exact: AbstractDenoiser
    by: float

    def data(self, x, log_snr):
        return self.by * self.exact.data(x, log_snr)


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_the_minimum_is_the_conditional_mean(key, target):
    """Same draws for both: the exact denoiser wins by more than 4 errors, against both signs of the perturbation."""
    exact = mixture(VariancePreserving())
    system = GaussianMixture(exact.mean, scale=exact.scale, weight=exact.weight)
    x = system.sample(key, 80_000).astype(jnp.float32)
    best = losses(key, exact, x, target, "log_snr")
    for by in (0.97, 1.03):
        gap = losses(key, Perturbed(exact.gaussian, exact.schedule, exact, by), x, target, "log_snr") - best
        assert float(gap.mean()) > 4 * float(gap.std()) / 40**0.5


@pytest.mark.parametrize("levels", ["modes", "log_snr", "time"])
def test_noise_levels(key, levels):
    """Within the schedule's ends; uniform ones are uniform: the mean of λ or t to 1e-3."""
    schedule = Discrete()
    model = gaussian_denoiser(schedule, 1.0)
    λ = Denoising(levels=levels).draw_levels(key, model, 2000)
    noise, data = schedule.ends()
    assert float(λ.min()) >= float(noise)
    assert float(λ.max()) <= float(data)
    expected = {"modes": 0.0, "log_snr": float(noise + data) / 2, "time": 0.5 + 0.5e-3}[levels]
    seen = jax.vmap(schedule.time)(λ) if levels == "time" else λ
    assert float(seen.mean()) == pytest.approx(expected, abs=0.01 if levels != "modes" else 0.1)
    if levels == "modes":  # P(|λ| < 1) = (4/π) atan(e^(1/2)) - 1
        assert float((jnp.abs(λ) < 1).mean()) == pytest.approx(4 / np.pi * np.arctan(np.exp(0.5)) - 1, abs=0.01)


def test_a_wrong_target_is_refused():
    with pytest.raises((ValueError, TypeError), match="levels|target"):
        Denoising(levels="uniform")


@pytest.mark.slow
@pytest.mark.parametrize("prediction", ["residual", "noise", "velocity"])
def test_training_finds_the_mixture(key, prediction):
    """ESS of importance weights at least 90 % and ln Z = 0 within 0.02; the untrained Gaussian has less than 60 %."""
    system = GaussianMixture(np.array([[-1.0, 0.5], [1.0, -0.5]]), scale=0.4, weight=[0.3, 0.7])
    x = system.sample(key, 20_000).astype(jnp.float32)
    net = ScoreMLP(key=key, shape=(2,), width=64, depth=2)
    begin = Denoiser(net, isotropic_gaussian(x), VariancePreserving(), prediction)
    loss = Denoising("residual" if prediction == "residual" else prediction)
    settings = Training(
        optimizer=Optimizer(learning_rate=3e-3, schedule="cosine"), steps=2000, batch_size=512, ema=0.99
    )
    model = fit(key, begin, loss, (x,), settings=settings).model

    def share(denoiser):
        y, log_q = eqx.filter_jit(ProbabilityFlow(denoiser, 20).sample_with_log_prob)(key, 4000)
        log_w = jax.vmap(system.log_weight)(y.astype(float)) - log_q.astype(float)
        ess = jnp.exp(2 * jax.nn.logsumexp(log_w) - jax.nn.logsumexp(2 * log_w)) / 4000
        return float(ess), float(jax.nn.logsumexp(log_w) - jnp.log(4000))

    ess, log_Z = share(model)
    assert ess > 0.9
    assert abs(log_Z) < 0.02
    if prediction == "residual":
        assert share(begin)[0] < 0.6
    drawn = eqx.filter_jit(Diffusion(model, 400).sample)(key, 4000)
    assert float((drawn[:, 0] < 0).mean()) == pytest.approx(float((x[:, 0] < 0).mean()), abs=0.04)


def test_reference_of_the_samples(key):
    x = 2 + 3 * jax.random.normal(key, (10_000, 2))
    found = isotropic_gaussian(x)
    assert isinstance(found, IsotropicGaussian)
    assert (float(found.unit), float(found.mean)) == (pytest.approx(3, abs=0.1), pytest.approx(2 / 3, abs=0.05))
