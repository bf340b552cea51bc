# SPDX-License-Identifier: Apache-2.0
"""A denoiser that is known exactly: that of a mixture of normal laws."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.exact.surface import gaussian_mixture
from isinglass.nets.diffusion.denoiser import AbstractDenoiser
from isinglass.nets.diffusion.gaussian_reference import AbstractGaussian, IsotropicGaussian
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule

__all__ = ["MixtureDenoiser", "NoNetwork", "gaussian_denoiser", "mixture"]


class MixtureDenoiser(AbstractDenoiser):
    """E(x_0 given x) = Σ_k r_k(x) [μ_k + α σ_k²/(α² σ_k² + σ²) (x - α μ_k)]."""

    gaussian: AbstractGaussian
    schedule: AbstractNoiseSchedule
    weight: Float[Array, " K"]
    mean: Float[Array, "K d"]
    scale: Float[Array, "K d"]

    def data(self, x, log_snr):
        alpha, sigma = self.schedule.scales(log_snr)
        weight, mean, scale = (table.astype(x.dtype) for table in (self.weight, self.mean, self.scale))
        variance = alpha**2 * scale**2 + sigma**2
        apart = x[None] - alpha * mean
        log_parts = jnp.log(weight) - 0.5 * jnp.sum(apart**2 / variance + jnp.log(variance), axis=1)
        guess = mean + alpha * scale**2 / variance * apart
        return jax.nn.softmax(log_parts) @ guess

    def table(self, log_snr):
        """Weights, means and scales of p_t."""
        alpha, sigma = (float(s) for s in self.schedule.scales(log_snr))
        scale = np.sqrt(alpha**2 * np.asarray(self.scale) ** 2 + sigma**2)
        return np.asarray(self.weight), alpha * np.asarray(self.mean), scale

    def log_density(self, x, log_snr):
        """Exact ln p_t."""
        return gaussian_mixture.log_density(np.asarray(x), *self.table(log_snr))


def mixture(schedule: AbstractNoiseSchedule) -> MixtureDenoiser:
    """Two modes in the plane, mean 0 and variance 1 altogether, as the reference has."""
    w, mu, sigma = np.array([0.4, 0.6]), np.array([[-0.9, 0.6], [0.6, -0.4]]), np.array([[0.3, 0.4], [0.8, 0.85]])
    center = w @ mu
    return MixtureDenoiser(IsotropicGaussian(shape=(2,)), schedule, *(jnp.asarray(a) for a in (w, mu - center, sigma)))


def gaussian_denoiser(schedule: AbstractNoiseSchedule, sigma: float, d: int = 1) -> MixtureDenoiser:
    """N(0, sigma²), by a reference that believes in N(0, 1)."""
    table = jnp.ones(1), jnp.zeros((1, d)), jnp.full((1, d), sigma)
    return MixtureDenoiser(IsotropicGaussian(shape=(d,)), schedule, *table)


class NoNetwork(eqx.Module):
    """What an untrained network for fields gives, without its cost."""

    def __call__(self, x, log_snr):
        return jnp.zeros_like(x[0])
