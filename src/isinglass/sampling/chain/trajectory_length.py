# SPDX-License-Identifier: Apache-2.0
"""Adaptation of HMC during warm-up: step size by dual averaging, trajectory length by ChEES, mass from variances.

ChEES: maximize C(t) = ¼ <(|x' - m|² - |x - m|²)²>, the expected change of the squared distance from the mean m after
the time t.  On a lattice the distance is that along the Fourier mode of largest variance, the principal component
(SNAPER); for angles C = <Σ [1 - cos(θ' - θ)]>.  The objective is C(t) t^-¼, which prefers the shorter time where C is
flat: a Gaussian mode of frequency ω has its largest C at ωt = π/2 = 1.571, the largest objective at 1.484.
Refs: Hoffman, Radul and Sountsov 2021, proceedings.mlr.press/v130/hoffman21a.html (ChEES); Sountsov and Hoffman 2021,
arXiv:2110.11576 (SNAPER).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.sampling.chain.adaptation import DualAveraging, dual_averaging, pooled, start_dual_averaging
from isinglass.sampling.chain.metric import Mass, to_modes
from isinglass.stats.fixed_point import fixed_point_mean

__all__ = ["HMCAdaptation", "Sweep", "frozen", "initial_adaptation", "learn"]

THRIFT = 0.25  # exponent of t in the objective C t^-¼
RATE, MEMORY = 0.05, 0.95  # of the ascent in log length: step, and decay of the mean squared gradient
FORGETTING = 3.0  # averages over n sweeps weight sweep k by k^3, so that the start is soon negligible
PRIOR = 10.0  # pseudo-observations in favor of equal variances


class HMCAdaptation(NamedTuple):
    """Adapted parameters, one entry per temperature; changed by the sweeps 0 ... adaptation - 1."""

    count: Int[Array, ""]  # sweeps of adaptation done
    step_size: DualAveraging
    log_length: Float[Array, " T"]  # of the next sweep
    log_length_mean: Float[Array, " T"]  # average, used after the warm-up
    slope: Float[Array, " T"]  # mean squared gradient in log length
    mean: Float[Array, "*site T"]  # of each mode
    variance: Float[Array, "*site T"]  # mean squared deviation of each mode
    spectrum: Float[Array, "*site T"]  # λ, the variances in use


class Sweep(NamedTuple):
    """The trajectories of one sweep of all chains."""

    x: Float[Array, "*site T R"]  # first point
    moved: Float[Array, "*site T R"]  # last point, the proposal
    velocity: Float[Array, "*site T R"]  # velocity there
    kept: Float[Array, "*site T R"]  # x after the Metropolis test
    acceptance: Float[Array, "T R"]
    time: Float[Array, " T"]  # steps x step size


def initial_adaptation(shape: tuple[int, ...], step_size: float, length: float) -> HMCAdaptation:
    """The parameters before the first sweep, with unit mass; `shape` is [T, *site]."""
    T, site = shape[0], (*shape[1:], shape[0])
    log_length = jnp.full(T, jnp.log(length))
    zero, one = jnp.zeros(site), jnp.ones(site)
    start = start_dual_averaging(jnp.full(T, step_size, float))
    return HMCAdaptation(jnp.zeros((), jnp.int32), start, log_length, log_length, jnp.zeros(T), zero, zero, one)


def frozen(learned: HMCAdaptation, adapting) -> tuple[Float[Array, " T"], Float[Array, " T"], Float[Array, "*site T"]]:
    """Step size, length and spectrum of the next sweep: the averages once the adaptation is over."""
    log_dt = jnp.where(adapting, learned.step_size.log_step, learned.step_size.log_mean)
    log_length = jnp.where(adapting, learned.log_length, learned.log_length_mean)
    return jnp.exp(log_dt), jnp.exp(log_length), learned.spectrum


def learn(
    learned: HMCAdaptation,
    sweep: Sweep,
    *,
    target: float,
    adaptation: int,
    mass: Mass,
    modes: Mass,
) -> HMCAdaptation:
    """The parameters after a sweep: `mass` is in use, variances are averaged for `modes` (unit, for angles: none)."""
    n = learned.count + 1
    step_size = dual_averaging(learned.step_size, pooled(sweep.acceptance, n < adaptation // 2), target)
    if modes == "unit":
        C, slope = angle_changes(sweep)
        mean, own, variance = learned.mean, learned.variance, learned.spectrum
    else:
        first = adaptation // 8  # the first sweep that is averaged
        mean, own, variance = variances(learned, sweep.kept, jnp.maximum(n - first, 1), modes)
        C, slope = distance_changed(sweep, mean, variance, modes)
    gradient = fixed_point_mean(sweep.acceptance * (slope - THRIFT * C))
    log_length, log_length_mean, size = climb(learned, gradient, step_size.log_mean)
    new = HMCAdaptation(n, step_size, log_length, log_length_mean, size, mean, own, learned.spectrum)
    return new if mass == "unit" else with_mass(new, variance, n - adaptation // 4)


def with_mass(learned: HMCAdaptation, variance: Float[Array, "*site T"], since: Int[Array, ""]) -> HMCAdaptation:
    """Use the variances from the sweep with `since` = 0 on; lengths, then in standard deviations, are adapted anew."""
    narrowest = jnp.sqrt(jnp.min(variance, axis=tuple(range(variance.ndim - 1))))
    again = start_dual_averaging(jnp.minimum(learned.step_size.mean_step_size / narrowest, 1.0), 2.0)
    step_size = jax.tree.map(lambda a, b: jnp.where(since == 0, a, b), again, learned.step_size)
    quarter = jnp.full_like(learned.log_length, jnp.log(0.5 * jnp.pi))  # quarter period of a Gaussian mode
    log_length, mean = (jnp.where(since == 0, quarter, a) for a in (learned.log_length, learned.log_length_mean))
    return learned._replace(
        step_size=step_size,
        log_length=log_length,
        log_length_mean=mean,
        spectrum=jnp.where(since >= 0, variance, learned.spectrum),
    )


def distance_changed(sweep: Sweep, mean, variance, modes: Mass):
    """C and dC/dlog t of each chain: over all coordinates, or over the Fourier mode of largest variance."""
    site = tuple(range(variance.ndim - 1))
    strongest = (variance == jnp.max(variance, axis=site, keepdims=True)).astype(variance.dtype)
    weight = (strongest if modes == "fourier" else jnp.ones_like(variance))[..., None]
    before, after, v = (to_modes(a, modes).astype(mean.dtype) for a in (sweep.x, sweep.moved, sweep.velocity))
    before, after = before - mean[..., None], after - mean[..., None]
    change = jnp.sum(weight * (after * after - before * before), axis=site)
    return change**2 / 4, sweep.time[:, None] * change * jnp.sum(weight * after * v, axis=site)


def angle_changes(sweep: Sweep):
    """C = Σ [1 - cos(θ' - θ)] and dC/dlog t of each chain."""
    site = tuple(range(sweep.x.ndim - 2))
    angle = (sweep.moved - sweep.x).astype(float)
    rate = jnp.sum(jnp.sin(angle) * sweep.velocity.astype(float), axis=site)
    return jnp.sum(1 - jnp.cos(angle), axis=site), sweep.time[:, None] * rate


def climb(learned: HMCAdaptation, gradient: Float[Array, " T"], log_dt: Float[Array, " T"]):
    """One ascent step in log length, normalized by the root mean squared gradient; at least one leapfrog step long."""
    n = (learned.count + 1).astype(float)
    slope = MEMORY * learned.slope + (1 - MEMORY) * gradient**2
    size = jnp.sqrt(slope / (1 - MEMORY**n)) + 1e-30
    log_length = learned.log_length + RATE * jnp.clip(gradient / size, -1.0, 1.0)
    log_length = jnp.maximum(log_length, log_dt)
    eta = n**-0.5
    return log_length, eta * log_length + (1 - eta) * learned.log_length_mean, slope


def variances(learned: HMCAdaptation, x: Float[Array, "*site T R"], n: Int[Array, ""], mass: Mass):
    """Mean and variance of each mode, and the variance shrunk towards the geometric mean of all where data are few.

    The arithmetic mean would hide narrow ones among wide ones.  By deviations from the mean so far, not <x²> - <x>²,
    which is lost to rounding far from zero.
    """
    y = to_modes(x, mass).astype(learned.mean.dtype)
    weight = (1 + FORGETTING) / (n.astype(float) + FORGETTING)
    new = fixed_point_mean(y)
    step = new - learned.mean
    scatter = fixed_point_mean((y - new[..., None]) ** 2)
    mean, own = learned.mean + weight * step, (1 - weight) * (learned.variance + weight * step**2) + weight * scatter
    data = x.shape[-1] * n.astype(float) / (1 + FORGETTING)
    log_own = jnp.log(jnp.maximum(own, jnp.finfo(own.dtype).tiny))
    common = jnp.mean(log_own, axis=tuple(range(own.ndim - 1)), keepdims=True)
    return mean, own, jnp.exp((data * log_own + PRIOR * common) / (data + PRIOR))
