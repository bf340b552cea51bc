# SPDX-License-Identifier: Apache-2.0
"""Denoising loss: estimate x_0 from α x_0 + σ ε at all noise levels.  Ref: Vincent 2011, doi:10.1162/NECO_a_00142."""

from typing import Literal, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.diffusion.denoiser import AbstractDenoiser, Prediction
from isinglass.nets.diffusion.diffusion import Diffusion, ProbabilityFlow

__all__ = ["Denoising"]

NoiseLevels = Literal["modes", "log_snr", "time"]


class Denoising(eqx.Module):
    """L = (1/n) Σ_i w_i |e_i|² per variable, e the error of the estimate in the variable `target`.

    "residual": in units of the error of the Wiener filter, mode by mode, so that <L> = 1 for the denoiser of a
    Gaussian, and less by the non-Gaussian part.  "noise" with levels "time" is the simple loss of DDPM.
    For `fit(key, model, Denoising(), (x,), settings=...)`, the model a denoiser or a generator made of one.
    Law: the minimum over all functions is E(x_0 given x_t), whatever the weights.
    """

    target: Prediction = eqx.field(static=True, default="residual")
    levels: NoiseLevels = eqx.field(static=True, default="modes")  # distribution of the noise levels

    def __check_init__(self):
        if self.target not in get_args(Prediction) or self.levels not in get_args(NoiseLevels):
            raise ValueError(
                f"expected a target among {', '.join(get_args(Prediction))} and levels modes, log_snr or time; "
                f"found {self.target!r}, {self.levels!r}; choose among these."
            )

    def __call__(
        self, key: Key[Array, ""], model: AbstractDenoiser | Diffusion | ProbabilityFlow, batch: tuple
    ) -> tuple[Float[Array, ""], dict]:
        """L and metrics for the batch (x,) or (x, w), with one noise level per sample, stratified over the batch."""
        x, *weights = batch
        model = model if isinstance(model, AbstractDenoiser) else model.denoiser
        key_level, key_noise = jax.random.split(key)
        log_snr = self.draw_levels(key_level, model, x.shape[0])
        keys = jax.random.split(key_noise, x.shape[0])
        each = jax.vmap(lambda k, x, λ: self.error(k, model, x, λ))(keys, x.astype(jnp.float32), log_snr)
        return jnp.mean(each * weights[0].astype(each.dtype) if weights else each), {}

    def draw_levels(self, key: Key[Array, ""], model: AbstractDenoiser, n: int) -> Float[Array, " n"]:
        """n noise levels, stratified: uniform in λ, uniform in t, or dense where a mode has signal-to-noise ratio 1.

        "modes": λ = 2 ln tan(π u/2) - ln S for a random mode of variance S: the density of λ is then the weight
        ρ/(1 + ρ²), ρ² = S e^λ, with which the network moves that mode in the probability flow.
        """
        key, key_mode = jax.random.split(key)
        u = (jnp.arange(n, dtype=jnp.float32) + jax.random.uniform(key, (n,), jnp.float32)) / n
        noise, data = model.schedule.ends()
        if self.levels == "log_snr":
            return noise + (data - noise) * u
        if self.levels == "modes":
            S = jax.random.choice(key_mode, model.gaussian.moments(jnp.float32)[1].ravel(), (n,))
            center = 2 * jnp.log(jnp.tan(jnp.pi / 2 * jnp.clip(u, 1e-4, 1 - 1e-4)))
            return jnp.clip(center - jnp.log(S), noise, data)
        return jax.vmap(model.schedule.log_snr)(model.schedule.t_min + (1 - model.schedule.t_min) * u)

    def error(
        self, key: Key[Array, ""], model: AbstractDenoiser, x: Float[Array, "*site"], log_snr: Float[Array, ""]
    ) -> Float[Array, ""]:
        """|e|² per variable for one sample at one noise level."""
        at, gaussian = model.schedule.scales(log_snr), model.gaussian
        x_0 = x / gaussian.in_units(x.dtype)
        x_t = at.alpha * x_0 + at.sigma * gaussian.noise(key)
        wrong = model.data(x_t, log_snr) - x_0
        if self.target == "residual":
            wrong = gaussian.unscale_residual(wrong, at)
        if self.target == "noise":
            wrong = wrong * (at.alpha / at.sigma)
        if self.target == "velocity":
            wrong = wrong * (at.alpha**2 / at.sigma + at.sigma)
        if self.target == "score":
            wrong = wrong * (at.alpha / at.sigma**2)
        return jnp.sum(wrong * wrong) / gaussian.dimension
