# SPDX-License-Identifier: Apache-2.0
"""Autocorrelation of one time series and the error of its mean: error² = (Var x / n) 2 τ_int, τ_int = ½ + Σ_{t>0} ρ(t).

Written for one stationary series; `jax.vmap` over chains, temperatures and observables at the call.
Ref: Madras & Sokal 1988, doi:10.1007/BF01022990; Wolff 2004, arXiv:hep-lat/0306017.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

__all__ = [
    "IntegratedTime",
    "autocorrelation",
    "autocovariance",
    "effective_sample_size",
    "integrated_time",
    "mean_and_error",
]


class IntegratedTime(NamedTuple):
    """Integrated autocorrelation time in units of one sample."""

    tau: Float[Array, ""]  # ½ for independent samples
    error: Float[Array, ""]  # statistical error of tau
    window: Int[Array, ""]  # lag W at which the sum was cut


def autocovariance(x: Float[Array, " n"]) -> Float[Array, " n"]:
    """Γ(t) = (1/n) Σ_i (x_i - x̄)(x_{i+t} - x̄), by FFT with zero padding.

    Law: Γ(0) = Var x; positive definite (the 1/n normalisation).  Cost: n log n.
    """
    n = x.shape[0]
    padded = 2 ** (2 * n - 1).bit_length()
    spectrum = jnp.fft.rfft(x - x.mean(), padded)
    return jnp.fft.irfft(jnp.abs(spectrum) ** 2, padded)[:n] / n


def autocorrelation(x: Float[Array, " n"]) -> Float[Array, " n"]:
    """ρ(t) = Γ(t) / Γ(0), each lag normalised by its n - t pairs.

    Law: ρ(0) = 1; e^(-t/τ) for one relaxation time.  A constant series gives ρ = 0 at t > 0.
    """
    n = x.shape[0]
    gamma = autocovariance(x) * (n / (n - jnp.arange(n, dtype=x.dtype)))
    varies = jnp.max(x) > jnp.min(x)
    rho = gamma / jnp.where(varies, gamma[0], 1.0)
    return jnp.where(varies, rho, 0.0).at[0].set(1.0)


def integrated_time(x: Float[Array, " n"], c: float = 5.0) -> IntegratedTime:
    """τ(W) = ½ + Σ_{t=1..W} ρ(t) at the smallest W >= c τ(W) (Sokal's window), corrected for the mean being estimated.

    Error: δτ² = (4/n)(W + ½ - τ) τ² (Wolff, Madras & Sokal), 4 to 10 % too large for one relaxation time.
    A constant series gives ½: it carries no autocorrelation.
    Law: (1 + a) / (2 (1 - a)) for x_{i+1} = a x_i + noise.  Bias: e^-c for one relaxation time; n > 100 τ is advised.
    """
    n = x.shape[0]
    tau = jnp.cumsum(autocorrelation(x)) - 0.5
    enough = jnp.arange(n, dtype=x.dtype) >= c * jnp.maximum(tau, 0.5)
    window = jnp.where(enough.any(), jnp.argmax(enough), n - 1)
    width = window.astype(x.dtype)
    # subtracting x̄ lowers every Γ(t) by 2 τ Γ(0) / n (Wolff)
    varies = jnp.max(x) > jnp.min(x)
    bias = jnp.where(varies, 2 * tau[window] / n, 0.0)
    value = (tau[window] + (width + 0.5) * bias) / (1 + bias)
    value = jnp.maximum(value, 0.5 / math.log10(n))  # antithetic series: the bound of Vehtari et al. 2021
    error = value * jnp.sqrt((4 / n) * jnp.maximum(width + 0.5 - value, 0.0))
    return IntegratedTime(value, error, window)


def effective_sample_size(x: Float[Array, " n"]) -> Float[Array, ""]:
    """Number of independent samples with the same error of the mean, n / (2 τ_int); n for a constant series.

    Law: invariant under x → a x + b.
    """
    return x.shape[0] / (2 * integrated_time(x).tau)


def mean_and_error(x: Float[Array, " n"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Mean of a correlated series and its standard error √(Var x 2 τ_int / n).

    Law: the error covers the true mean in 68 % of the series.
    """
    independent = effective_sample_size(x)
    variance = jnp.var(x) * (1 + 1 / independent)  # the spread around x̄ is low by the error of x̄
    return x.mean(), jnp.sqrt(variance / independent)
