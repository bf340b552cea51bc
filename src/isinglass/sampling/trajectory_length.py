# SPDX-License-Identifier: Apache-2.0
"""What HMC learns during warm-up: step size by dual averaging, trajectory length by ChEES, mass from the variances.

ChEES: climb C(t) = ¼ <(|x' - m|² - |x - m|²)²>, the expected change of the squared distance from the mean after the
time t, which the largest, slowest modes dominate.  Angles have no such distance: for them C = <Σ [1 - cos(θ' - θ)]>.
Here it is C(t) t^-¼ that is climbed, so that the shorter one wins where C is flat; a Gaussian mode of frequency ω has
its largest C at ωt = π/2 = 1.571, and this maximum at 1.484.
Ref: Hoffman, Radul and Sountsov 2021, proceedings.mlr.press/v130/hoffman21a.html, eqs. 7-9.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.sampling.adaptation import DualAveraging, dual_averaging, pooled, start_dual_averaging
from isinglass.sampling.metric import Mass, to_modes

__all__ = ["Learned", "frozen", "learn", "untaught"]

THRIFT = 0.25  # exponent of the time that C is divided by
RATE, MEMORY = 0.05, 0.95  # of the climb in log length: its step, and how long the size of the gradient is remembered
FORGETTING = 3.0  # averages over n sweeps weigh sweep k by k^3: the start is soon forgotten
PRIOR = 10.0  # observations that speak for equal variances


class Learned(NamedTuple):
    """One entry per temperature; the sweeps 0 ... adaptation - 1 change it."""

    count: Int[Array, ""]  # sweeps of adaptation done
    step_size: DualAveraging
    log_length: Float[Array, " T"]  # tried next
    log_length_mean: Float[Array, " T"]  # what is kept
    slope: Float[Array, " T"]  # mean square of the gradient by log length
    mean: Float[Array, "*site T"]  # of each mode
    square: Float[Array, "*site T"]  # mean square of each mode
    spectrum: Float[Array, "*site T"]  # λ, the variances in use


def untaught(shape: tuple[int, ...], step_size: float, length: float) -> Learned:
    """Unit mass; `shape` is [T, *site]."""
    T, site = shape[0], (*shape[1:], shape[0])
    log_length = jnp.full(T, jnp.log(length))
    zero, one = jnp.zeros(site), jnp.ones(site)
    start = start_dual_averaging(jnp.full(T, step_size, float))
    return Learned(jnp.zeros((), jnp.int32), start, log_length, log_length, jnp.zeros(T), zero, zero, one)


def frozen(learned: Learned, adapting) -> tuple[Float[Array, " T"], Float[Array, " T"], Float[Array, "*site T"]]:
    """Step size, length and spectrum to use: the averages, once all is learned."""
    log_dt = jnp.where(adapting, learned.step_size.log_step, learned.step_size.log_mean)
    log_length = jnp.where(adapting, learned.log_length, learned.log_length_mean)
    return jnp.exp(log_dt), jnp.exp(log_length), learned.spectrum


def learn(
    learned: Learned,
    x: Float[Array, "*site T R"],
    moved: Float[Array, "*site T R"],
    v: Float[Array, "*site T R"],
    kept: Float[Array, "*site T R"],
    acceptance: Float[Array, "T R"],
    time: Float[Array, " T"],
    *,
    target: float,
    adaptation: int,
    mass: Mass,
    circular: bool,
) -> Learned:
    """After a trajectory from x to `moved` with final velocity v, and `kept` after the Metropolis test."""
    n = learned.count + 1
    step_size = dual_averaging(learned.step_size, pooled(acceptance, n < adaptation // 2), target)
    gradient = slope_by_log_length(x, moved, v, acceptance, time, circular)
    log_length, log_length_mean, slope = climb(learned, gradient, step_size.log_mean)
    if mass == "unit":
        return learned._replace(
            count=n, step_size=step_size, log_length=log_length, log_length_mean=log_length_mean, slope=slope
        )
    first, switch = adaptation // 8, adaptation // 4  # the first sweep that is averaged, and the first that uses it
    mean, square, variance = variances(learned, kept, jnp.maximum(n - first, 1), mass)
    spectrum = jnp.where(n >= switch, variance, learned.spectrum)
    new = n == switch  # from now on lengths are in units of standard deviations: begin again
    narrowest = jnp.sqrt(jnp.min(variance, axis=tuple(range(variance.ndim - 1))))
    again = start_dual_averaging(jnp.minimum(jnp.exp(step_size.log_mean) / narrowest, 1.0), 2.0)
    step_size = jax.tree.map(lambda a, b: jnp.where(new, a, b), again, step_size)
    quarter = jnp.full_like(log_length, jnp.log(0.5 * jnp.pi))  # of the period of a Gaussian mode
    log_length, log_length_mean = (jnp.where(new, quarter, a) for a in (log_length, log_length_mean))
    return Learned(n, step_size, log_length, log_length_mean, slope, mean, square, spectrum)


def slope_by_log_length(x, moved, v, acceptance, time, circular: bool) -> Float[Array, " T"]:  # noqa: FBT001
    """t^¼ d/d log t [C(t) t^-¼], averaged over chains by acceptance."""
    site = tuple(range(x.ndim - 2))
    if circular:
        C = jnp.sum(1 - jnp.cos(moved - x), axis=site).astype(float)
        slope = time[:, None] * jnp.sum(jnp.sin(moved - x) * v, axis=site).astype(float)
        return jnp.mean(acceptance * (slope - THRIFT * C), axis=1)
    m = jnp.mean(x, axis=-1, keepdims=True)
    before, after = x - m, moved - m
    change = jnp.sum(after * after - before * before, axis=site).astype(float)
    rate = jnp.sum(after * v, axis=site).astype(float)
    return jnp.mean(acceptance * (time[:, None] * change * rate - THRIFT * change**2 / 4), axis=1)


def climb(learned: Learned, gradient: Float[Array, " T"], log_dt: Float[Array, " T"]):
    """A step uphill, of a size that does not depend on the scale of the gradient; at least one leapfrog step long."""
    n = (learned.count + 1).astype(float)
    slope = MEMORY * learned.slope + (1 - MEMORY) * gradient**2
    size = jnp.sqrt(slope / (1 - MEMORY**n)) + 1e-30
    log_length = learned.log_length + RATE * jnp.clip(gradient / size, -1.0, 1.0)
    log_length = jnp.maximum(log_length, log_dt)
    eta = n**-0.5
    return log_length, eta * log_length + (1 - eta) * learned.log_length_mean, slope


def variances(learned: Learned, x: Float[Array, "*site T R"], n: Int[Array, ""], mass: Mass):
    """Mean, mean square and variance of each mode, the latter drawn towards the common one where data are few."""
    y = to_modes(x, mass).astype(learned.mean.dtype)
    weight = (1 + FORGETTING) / (n.astype(float) + FORGETTING)
    average = lambda old, new: (1 - weight) * old + weight * jnp.mean(new, axis=-1)  # noqa: E731
    mean, square = average(learned.mean, y), average(learned.square, y * y)
    seen = x.shape[-1] * n.astype(float) / (1 + FORGETTING)
    own = square - mean * mean
    common = jnp.mean(own, axis=tuple(range(own.ndim - 1)), keepdims=True)
    return mean, square, (seen * own + PRIOR * common) / (seen + PRIOR)
