# SPDX-License-Identifier: Apache-2.0
"""Sampling from diffusion models: by ancestral or DDIM steps, or by the probability flow, which has a density.

The reverse of x_t = α(t) x_0 + σ(t) ε, step by step from noise to data, with a denoiser's estimate of x_0 at each.
Ref: Ho et al. 2020, arXiv:2006.11239; Song et al. 2020, arXiv:2010.02502; Song et al. 2021, arXiv:2011.13456.
"""

from typing import Any, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity, AbstractGenerator
from isinglass.nets.diffusion.denoiser import AbstractDenoiser
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule, Scales
from isinglass.nets.layer.runge_kutta import Solver, integrate

__all__ = ["Diffusion", "Likelihood", "ProbabilityFlow"]

Field = Float[Array, "*site"]
Scalar = Float[Array, ""]
Grid = Literal["log_snr", "time"]


class Diffusion(AbstractGenerator):
    """x_s = α_s D + √(σ_s² - τ²) ε̂ + τ z,  τ² = η² σ_s² (1 - (α_t σ_s/(α_s σ_t))²), from t to s < t.

    η = 1 is ancestral sampling (DDPM), η = 0 is DDIM, deterministic but for its start.  The last step gives D itself.
    `grid`: equal steps in λ, or in t, as those of DDPM are.
    Law: the error of the covariance falls as 1 / steps.  Cost: one call of the network a step.
    """

    denoiser: AbstractDenoiser
    steps: int = eqx.field(static=True, default=100)
    eta: float = eqx.field(static=True, default=1.0)
    grid: Grid = eqx.field(static=True, default="log_snr")

    @property
    def shape(self) -> tuple[int, ...]:
        return self.denoiser.shape

    def draw(self, key: Key[Array, ""]) -> Field:
        gaussian, key_start = self.denoiser.gaussian, jax.random.fold_in(key, self.steps)
        levels = noise_levels(self.denoiser.schedule, self.steps, self.grid)
        x = gaussian.color(gaussian.noise(key_start), self.denoiser.schedule.scales(levels[0]))

        def step(x, now):
            i, here, there = now
            return self.step(jax.random.fold_in(key, i), x, here, there), None

        x, _ = jax.lax.scan(step, x, (jnp.arange(self.steps), levels[:-1], levels[1:]))
        return gaussian.in_units(x.dtype) * self.denoiser.data(x, levels[-1])

    def step(self, key: Key[Array, ""], x: Field, here: Scalar, there: Scalar) -> Field:
        """One step from λ `here` to the larger λ `there`."""
        now, then = self.denoiser.schedule.scales(here), self.denoiser.schedule.scales(there)
        data = self.denoiser.data(x, here)
        noise = (x - now.alpha * data) / now.sigma
        fresh = self.eta * jnp.sqrt(-jnp.expm1(here - there))  # τ / σ_s
        kept = then.sigma * jnp.sqrt(1 - fresh**2)
        z = self.denoiser.gaussian.noise(key, x.dtype)
        return then.alpha * data + kept * noise + then.sigma * fresh * z


def noise_levels(schedule: AbstractNoiseSchedule, steps: int, grid: str, dtype=jnp.float32) -> Float[Array, " levels"]:
    """λ from noise to data, steps + 1 of them."""
    if grid == "log_snr":
        return schedule.levels(steps, dtype)
    if grid == "time":
        t = jnp.linspace(1.0, schedule.t_min, steps + 1, dtype=dtype)
        return jax.vmap(schedule.log_snr)(t)
    raise ValueError(f"expected a grid among log_snr, time; found {grid!r}; choose one.")


class Likelihood(NamedTuple):
    """An estimate of ln q(x)."""

    value: Scalar
    error: Scalar  # standard error over the random probes of the divergence


class ProbabilityFlow(AbstractDensity):
    """dx/dt = f x - ½ g² ∇ ln p_t: the deterministic flow with the same p_t as the diffusion, and so a density.

    Along it d ln p_t/dt = -div, with the exact divergence (one derivative for each variable): for a few hundred
    variables; beyond, `estimate_log_prob`.  It is integrated in λ, for the whitened w = Λ^(-½) (x - α m).
    Law: ∫ q = 1 up to the error of the integrator, O(steps⁻⁴) for rk4, O(steps⁻²) for Heun; to data that are this
    Gaussian it adds none.  Cost of a sample: 2 (Heun) or 4 (rk4) calls a step, times 1 + number of variables for ln q.
    """

    denoiser: AbstractDenoiser
    steps: int = eqx.field(static=True, default=20)
    solver: Solver = eqx.field(static=True, default="rk4")
    chunk: int = eqx.field(static=True, default=64)  # derivatives at once: bounds memory, changes no result

    @property
    def shape(self) -> tuple[int, ...]:
        return self.denoiser.shape

    def draw(self, key: Key[Array, ""]) -> Field:
        """Without its density, and so without a divergence."""
        return self.to_data(self.denoiser.gaussian.noise(key))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Field, Scalar]:
        """x and ln q(x), both from one integration."""
        w = self.denoiser.gaussian.noise(key)
        levels = self.denoiser.schedule.levels(self.steps, w.dtype)
        end, gained = integrate(self.with_divergence, (w, jnp.zeros((), w.dtype)), levels, self.solver)
        return self.colored(end), self.denoiser.gaussian.log_prob_of_noise(w) - gained - self.log_volume(w.dtype)

    def log_prob(self, x: Field) -> Scalar:
        w = self.whitened(x)
        levels = self.denoiser.schedule.levels(self.steps, w.dtype)[::-1]
        start, lost = integrate(self.with_divergence, (w, jnp.zeros((), w.dtype)), levels, self.solver)
        return self.denoiser.gaussian.log_prob_of_noise(start) + lost - self.log_volume(w.dtype)

    def estimate_log_prob(self, key: Key[Array, ""], x: Field, probes: int = 8) -> Likelihood:
        """ln q(x) with div ≈ vᵀ J v, v = ±1, the same v all the way; its error over `probes` >= 2 such v.

        Law: unbiased.  Ref: Hutchinson 1989, doi:10.1080/03610918908812806; Grathwohl et al. 2018, arXiv:1810.01367.
        """
        if probes < 2:
            raise ValueError(f"expected at least 2 probes; found {probes}; the error comes from their spread.")
        w = self.whitened(x)
        v = jax.random.rademacher(key, (probes, *self.shape), w.dtype)
        levels = self.denoiser.schedule.levels(self.steps, w.dtype)[::-1]
        zero = jnp.zeros(probes, w.dtype)
        start, lost = integrate(lambda y, s: self.with_probes(y, s, v), (w, zero), levels, self.solver)
        known = self.denoiser.gaussian.log_prob_of_noise(start) - self.log_volume(w.dtype)
        return Likelihood(known + lost.mean(), jnp.std(lost, ddof=1) / probes**0.5)

    def to_data(self, w: Field) -> Field:
        """The configuration that the noise w flows to."""
        levels = self.denoiser.schedule.levels(self.steps, w.dtype)
        return self.colored(integrate(self.denoiser.drift_of_modes, w, levels, self.solver))

    def to_noise(self, x: Field) -> Field:
        """The noise that flows to x.  Law: undoes `to_data` up to the error of the integrator."""
        w = self.whitened(x)
        levels = self.denoiser.schedule.levels(self.steps, w.dtype)[::-1]
        return integrate(self.denoiser.drift_of_modes, w, levels, self.solver)

    def with_divergence(self, y: tuple[Field, Scalar], log_snr: Scalar) -> tuple[Field, Scalar]:
        """(dw/dλ, div dw/dλ): the trace of the Jacobian, one row after another."""
        w = y[0]
        velocity, row = jax.vjp(lambda w: self.denoiser.drift_of_modes(w, log_snr), w)

        def diagonal(i):
            unit = jnp.zeros(w.size, w.dtype).at[i].set(1).reshape(w.shape)
            return row(unit)[0].ravel()[i]

        return velocity, jnp.sum(jax.lax.map(diagonal, jnp.arange(w.size), batch_size=min(self.chunk, w.size)))

    def with_probes(self, y: Any, log_snr: Scalar, v: Float[Array, "probes *site"]) -> Any:
        """(dw/dλ, vᵀ J v for each probe)."""
        velocity, row = jax.vjp(lambda w: self.denoiser.drift_of_modes(w, log_snr), y[0])
        return velocity, jax.vmap(lambda v: jnp.sum(v * row(v)[0]))(v)

    def end(self, dtype) -> Scales:
        """α and σ at the data."""
        return self.denoiser.schedule.scales(self.denoiser.schedule.ends(dtype)[1])

    def colored(self, w: Field) -> Field:
        """Configuration from w at the end of the flow."""
        gaussian = self.denoiser.gaussian
        return gaussian.in_units(w.dtype) * gaussian.color(w, self.end(w.dtype))

    def whitened(self, x: Field) -> Field:
        """The flow's w at its data end, from a configuration."""
        gaussian = self.denoiser.gaussian
        return gaussian.whiten(x / gaussian.in_units(x.dtype), self.end(x.dtype))

    def log_volume(self, dtype) -> Scalar:
        """ln|det ∂x/∂w| of `colored`."""
        gaussian = self.denoiser.gaussian
        return gaussian.log_volume(self.end(dtype)) + gaussian.dimension * jnp.log(gaussian.in_units(dtype))
