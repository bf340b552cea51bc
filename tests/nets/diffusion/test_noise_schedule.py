# SPDX-License-Identifier: Apache-2.0
"""Noise schedules against the chain and the differential equations that they stand for."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from tests.nets.diffusion.diffused import MixtureDenoiser

from isinglass.nets.diffusion.noise_schedule import Discrete, VarianceExploding, VariancePreserving

SCHEDULES = {"vp": VariancePreserving(), "ve": VarianceExploding(), "ddpm": Discrete(steps=50, beta_last=0.2)}
VARIANCE = 2.5  # of the data


def variance(schedule, t):
    alpha, sigma = schedule.at(jnp.asarray(t))
    return float(alpha**2 * VARIANCE + sigma**2)


def chain_variance(schedule, k, shift=0):
    """x_k = √(1 - β_k) x_(k-1) + √β_k ε, step by step; `shift` plants a schedule that is late by so many steps."""
    beta = np.linspace(schedule.beta_first, schedule.beta_last, schedule.steps)
    v = VARIANCE
    for b in np.roll(beta, shift)[:k]:
        v = (1 - b) * v + b
    return v


@pytest.mark.parametrize("k", [1, 17, 50])
def test_discrete_schedule_is_the_chain(k):
    """Var_k = 1 + (Var_0 - 1) ᾱ_k."""
    schedule = SCHEDULES["ddpm"]
    assert variance(schedule, k / 50) == pytest.approx(chain_variance(schedule, k), rel=1e-10)
    alpha_bar = float(schedule.at(jnp.asarray(k / 50)).alpha) ** 2
    assert variance(schedule, k / 50) == pytest.approx(1 + (VARIANCE - 1) * alpha_bar, rel=1e-10)
    assert abs(variance(schedule, k / 50) / chain_variance(schedule, k, shift=1) - 1) > 1e-3 * (k != 50)


def by_differential_equation(schedule, factor=2.0):
    """D Var/dt = 2 f Var + g² from t_min to 0.9; another factor than 2 is a wrong drift."""
    t_0 = max(schedule.t_min, 1e-3)
    rates = eqx.filter_jit(lambda t: (schedule.drift(t), schedule.diffusion(t)))

    def rate(t, v):
        f, g2 = (float(r) for r in rates(jnp.asarray(t)))
        return factor * f * v + g2

    return solve_ivp(rate, (t_0, 0.9), [variance(schedule, t_0)], rtol=1e-9, atol=1e-12, max_step=0.01).y[0, -1]


@pytest.mark.parametrize("name", ["vp", "ve"])
def test_drift_and_diffusion_are_those_of_the_scales(name):
    schedule = SCHEDULES[name]
    assert by_differential_equation(schedule) == pytest.approx(variance(schedule, 0.9), rel=1e-6)
    if name == "vp":  # the exploding schedule has no drift
        assert abs(by_differential_equation(schedule, factor=1.0) / variance(schedule, 0.9) - 1) > 0.1


@pytest.mark.parametrize("name", SCHEDULES)
def test_time_undoes_the_signal_to_noise_ratio(name):
    schedule = SCHEDULES[name]
    t = jnp.linspace(max(schedule.t_min, 0.05), 1.0, 7)
    λ = jax.vmap(schedule.log_snr)(t)
    np.testing.assert_allclose(jax.vmap(schedule.time)(λ), t, atol=1e-9)
    assert np.all(np.diff(λ) < 0)
    scales = jax.vmap(schedule.scales)(λ)
    np.testing.assert_allclose(2 * jnp.log(scales.alpha / scales.sigma), λ, atol=1e-9)


def test_many_small_steps_are_the_differential_equation():
    """β_k = β(t) / steps: ln ᾱ differs by O(1 / steps)."""
    T = 4000
    many = Discrete(steps=T, beta_first=0.1 / T, beta_last=20.0 / T)
    t = jnp.asarray(0.6)
    assert float(jnp.log(many.at(t).alpha / VariancePreserving().at(t).alpha)) == pytest.approx(0.0, abs=20 / T)


def test_speciation_time():
    """Modes at ±m in d dimensions merge at t = ½ ln(|m|²) of the OU process: p_t bends down at 0 from there on.

    Ref: Biroli et al. 2024, arXiv:2402.18491, t_S = ½ ln(d σ²); here |m|² = d σ².
    """
    d, m = 10, 1.7
    schedule = VariancePreserving()
    mean = jnp.full((2, d), m) * jnp.asarray([[-1.0], [1.0]])
    from isinglass.nets.diffusion.gaussian_reference import IsotropicGaussian

    exact = MixtureDenoiser(IsotropicGaussian(shape=(d,)), schedule, jnp.full(2, 0.5), mean, jnp.ones((2, d)))
    along = jnp.ones(d) / d**0.5

    def curvature(log_alpha):
        alpha = jnp.exp(log_alpha)
        λ = jnp.log(alpha**2 / (1 - alpha**2))
        score = lambda r: jnp.dot(exact.predict("score", r * along, λ), along)  # noqa: E731
        return float(jax.grad(score)(jnp.zeros(())))

    t = 0.5 * np.log(d * m**2)
    assert curvature(-t) == pytest.approx(0.0, abs=1e-6)
    assert curvature(-t + 0.1) > 0.05 > -0.05 > curvature(-t - 0.1)
