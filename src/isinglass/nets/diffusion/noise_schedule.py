# SPDX-License-Identifier: Apache-2.0
"""Noise schedules, x_t = α(t) x_0 + σ(t) ε: how noise replaces the signal, t from 0 (data) to 1 (noise).

One contract for discrete time (DDPM) and for the two stochastic differential equations, since everything that follows
needs α, σ and the signal-to-noise ratio alone: drift f = d ln α/dt, diffusion g² = dσ²/dt - 2 f σ² = -σ² dλ/dt with
λ = ln(α²/σ²).  Ref: Song et al. 2021, arXiv:2011.13456; Kingma et al. 2021, arXiv:2107.00630.
"""

from abc import abstractmethod
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["AbstractNoiseSchedule", "Discrete", "Scales", "VarianceExploding", "VariancePreserving"]

Scalar = Float[Array, ""]


class Scales(NamedTuple):
    """Amplitudes of signal and noise at one noise level."""

    alpha: Scalar  # amplitude of the signal
    sigma: Scalar  # amplitude of the noise


class AbstractNoiseSchedule(eqx.Module):
    """p(x_t given x_0) = N(α(t) x_0, σ(t)²).  Law: Var x_t = α² Var x_0 + σ²; λ(t) falls."""

    t_min: eqx.AbstractVar[float]  # where the reverse process ends: α ≈ 1, σ small but not 0

    @abstractmethod
    def log_snr(self, t: Scalar) -> Scalar:
        """Logarithm of the signal-to-noise ratio, λ(t) = ln(α²/σ²)."""

    @abstractmethod
    def time(self, log_snr: Scalar) -> Scalar:
        """The t at which λ(t) = log_snr."""

    @abstractmethod
    def scales(self, log_snr: Scalar) -> Scales:
        """α and σ at this signal-to-noise ratio."""

    def at(self, t: Scalar) -> Scales:
        """α and σ at time t."""
        return self.scales(self.log_snr(t))

    def drift(self, t: Scalar) -> Scalar:
        """f(t) = d ln α/dt of dx = f x dt + g dw."""
        return jax.grad(lambda t: jnp.log(self.at(t).alpha))(t)

    def diffusion(self, t: Scalar) -> Scalar:
        """g²(t) = -σ² dλ/dt."""
        return -(self.at(t).sigma ** 2) * jax.grad(self.log_snr)(t)

    def ends(self, dtype=jnp.float32) -> tuple[Scalar, Scalar]:
        """λ at the noise, t = 1, and at the data, t = t_min."""
        return self.log_snr(jnp.ones((), dtype)), self.log_snr(jnp.asarray(self.t_min, dtype))

    def levels(self, steps: int, dtype=jnp.float32) -> Float[Array, " levels"]:
        """λ from noise to data in `steps` equal steps."""
        noise, data = self.ends(dtype)
        return noise + (data - noise) * jnp.arange(steps + 1, dtype=dtype) / steps


def preserved(log_snr: Scalar) -> Scales:
    """α² = 1 / (1 + e^-λ), σ² = 1 / (1 + e^λ): α² + σ² = 1."""
    half = lambda λ: jnp.exp(0.5 * jax.nn.log_sigmoid(λ))  # noqa: E731
    return Scales(half(log_snr), half(-log_snr))


class VariancePreserving(AbstractNoiseSchedule):
    """dx = -½ β(t) x dt + √β(t) dw, β(t) = β_0 + (β_1 - β_0) t: α² = exp(-∫β), α² + σ² = 1.

    Law: an Ornstein-Uhlenbeck process; data of variance 1 keep it.
    """

    beta_min: float = eqx.field(static=True, default=0.1)
    beta_max: float = eqx.field(static=True, default=20.0)
    t_min: float = eqx.field(static=True, default=1e-3)

    def log_snr(self, t: Scalar) -> Scalar:
        """-ln(exp(b) - 1), b = ∫_0^t β = β_0 t + ½ (β_1 - β_0) t²."""
        return -jnp.log(jnp.expm1(self.beta_min * t + 0.5 * (self.beta_max - self.beta_min) * t * t))

    def time(self, log_snr: Scalar) -> Scalar:
        """Root of ½ (β_1 - β_0) t² + β_0 t = b = ln(1 + e^-λ)."""
        b = jax.nn.softplus(-log_snr)
        return 2 * b / (self.beta_min + jnp.sqrt(self.beta_min**2 + 2 * (self.beta_max - self.beta_min) * b))

    def scales(self, log_snr: Scalar) -> Scales:
        """α² + σ² = 1."""
        return preserved(log_snr)


class VarianceExploding(AbstractNoiseSchedule):
    """dx = √(dσ²/dt) dw, σ(t) = σ_0 (σ_1/σ_0)^t, α = 1."""

    sigma_min: float = eqx.field(static=True, default=0.01)
    sigma_max: float = eqx.field(static=True, default=50.0)
    t_min: float = eqx.field(static=True, default=0.0)

    def log_snr(self, t: Scalar) -> Scalar:
        """λ(t) = -2 ln σ(t)."""
        return -2 * (np.log(self.sigma_min).item() + t * np.log(self.sigma_max / self.sigma_min).item())

    def time(self, log_snr: Scalar) -> Scalar:
        """t = ln(σ/σ_0) / ln(σ_1/σ_0), σ = exp(-λ/2)."""
        return (-log_snr / 2 - np.log(self.sigma_min).item()) / np.log(self.sigma_max / self.sigma_min).item()

    def scales(self, log_snr: Scalar) -> Scales:
        """α = 1, σ = exp(-λ/2)."""
        return Scales(jnp.ones_like(log_snr), jnp.exp(-log_snr / 2))


class Discrete(AbstractNoiseSchedule):
    """DDPM: x_k = √(1 - β_k) x_(k-1) + √β_k ε, k = 1 .. steps, β_k from beta_first to beta_last in equal steps.

    ᾱ_k = Π_(j<=k) (1 - β_j); t = k / steps.  Between the steps β(t) is constant: the Ornstein-Uhlenbeck process that
    agrees with the chain at each of them.  Law: Var_k = 1 + (Var_0 - 1) ᾱ_k.  Ref: Ho et al. 2020, arXiv:2006.11239.
    """

    steps: int = eqx.field(static=True, default=1000)
    beta_first: float = eqx.field(static=True, default=1e-4)
    beta_last: float = eqx.field(static=True, default=0.02)

    @property
    def t_min(self) -> float:
        """1/steps, the time of the first step."""
        return 1.0 / self.steps

    def log_alpha_bar(self) -> Float[np.ndarray, " steps_and_one"]:
        """ln ᾱ_k for k = 0 .. steps."""
        beta = np.linspace(self.beta_first, self.beta_last, self.steps)
        return np.concatenate([[0.0], np.cumsum(np.log1p(-beta))])

    def log_snr(self, t: Scalar) -> Scalar:
        """-ln(1/ᾱ - 1), ln ᾱ linear between the steps."""
        table = jnp.asarray(self.log_alpha_bar(), t.dtype)
        return -jnp.log(jnp.expm1(-jnp.interp(t, jnp.linspace(0.0, 1.0, self.steps + 1, dtype=t.dtype), table)))

    def time(self, log_snr: Scalar) -> Scalar:
        """The same table read backwards."""
        table = jnp.asarray(-self.log_alpha_bar(), log_snr.dtype)
        grid = jnp.linspace(0.0, 1.0, self.steps + 1, dtype=log_snr.dtype)
        return jnp.interp(jax.nn.softplus(-log_snr), table, grid)

    def scales(self, log_snr: Scalar) -> Scales:
        """α² = ᾱ, σ² = 1 - ᾱ."""
        return preserved(log_snr)
