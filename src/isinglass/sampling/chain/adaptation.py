# SPDX-License-Identifier: Apache-2.0
"""Adaptation of step sizes during warm-up: log ε follows the deviation from the target acceptance.

One step size per temperature, shared by its chains, frozen after the warm-up, so that the kernel that samples is exact.
"""

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Shaped

from isinglass.sampling.chain.sampler import AbstractExchangeable, AbstractSampler
from isinglass.stats.fixed_point import fixed_point_mean
from isinglass.systems.system import AbstractSystem, over_temperature

__all__ = [
    "AbstractTunable",
    "Adapted",
    "AdaptedState",
    "DualAveraging",
    "dual_averaging",
    "pooled",
    "start_dual_averaging",
]

SHRINKAGE, DELAY, FORGETTING = 0.05, 10.0, 0.75  # γ, t_0, κ of Hoffman and Gelman 2014, §3.2

STUCK = 0.01  # acceptances below are raised to this


class DualAveraging(NamedTuple):
    """Nesterov's dual averaging as in Hoffman and Gelman 2014, arXiv:1111.4246, eq. 6."""

    log_step: Float[Array, " T"]  # of the next step
    log_mean: Float[Array, " T"]  # weighted average, used after the warm-up
    error: Float[Array, " T"]  # H, mean of (target - acceptance)
    anchor: Float[Array, " T"]  # μ, towards which log ε is shrunk
    count: Int[Array, ""]  # updates so far

    @property
    def step_size(self) -> Float[Array, " T"]:
        """ε = exp(log_step), of the next step of the warm-up."""
        return jnp.exp(self.log_step)

    @property
    def mean_step_size(self) -> Float[Array, " T"]:
        """ε = exp(log_mean), used after the warm-up."""
        return jnp.exp(self.log_mean)


def start_dual_averaging(step_size: Float[Array, " T"], ambition: float = 10.0) -> DualAveraging:
    """The state at a first step size ε; μ = ln(`ambition` ε), so that larger steps are tried first."""
    log_step, zero = jnp.log(step_size), jnp.zeros_like(step_size)
    return DualAveraging(log_step, log_step, zero, log_step + jnp.log(ambition), jnp.zeros((), jnp.int32))


def dual_averaging(state: DualAveraging, acceptance: Float[Array, " T"], target: float) -> DualAveraging:
    """One update of dual averaging.  Law: the mean acceptance tends to `target` where acceptance falls with ε."""
    t = (state.count + 1).astype(float)
    weight = 1.0 / (t + DELAY)
    error = (1.0 - weight) * state.error + weight * (target - acceptance)
    log_step = state.anchor - jnp.sqrt(t) / SHRINKAGE * error
    eta = t**-FORGETTING
    return DualAveraging(log_step, eta * log_step + (1.0 - eta) * state.log_mean, error, state.anchor, state.count + 1)


def pooled(acceptance: Float[Array, "T R"], early: Bool[Array, ""]) -> Float[Array, " T"]:
    """The mean over chains; early on the harmonic mean, so that no chain stays stuck in a steep tail."""
    harmonic = 1 / fixed_point_mean(1 / jnp.maximum(acceptance, STUCK))
    return jnp.where(early, harmonic, fixed_point_mean(acceptance))


class AbstractTunable(AbstractSampler):
    """A chain with a step size, whose diagnostics have an `acceptance` that falls with it."""

    step_size: eqx.AbstractVar[Float[Array, ""] | float]
    target: eqx.AbstractVar[float]  # acceptance


class AdaptedState(NamedTuple):
    """The state of all chains between two steps."""

    x: Shaped[Array, "T R *site"]
    step_size: DualAveraging


class Adapted(AbstractExchangeable):
    """Chains whose step size is adapted at each temperature for the first `adaptation` sweeps, then frozen."""

    part: ClassVar[bool] = True
    kernel: AbstractTunable
    adaptation: int = eqx.field(static=True, default=500)

    def init(self, key, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> AdaptedState:
        """The state with the step size of the kernel."""
        return AdaptedState(x, start_dual_averaging(jnp.full(x.shape[:1], self.kernel.step_size, float)))

    def step(self, key, state: AdaptedState, system: AbstractSystem) -> tuple[AdaptedState, Any]:
        """One step of every chain; diagnostics have leading axes [T, R]."""
        tuning = state.step_size
        adapting = tuning.count < self.adaptation
        epsilon = jnp.where(adapting, tuning.step_size, tuning.mean_step_size)

        def chains(keys, x, step_size, system):
            kernel = eqx.tree_at(lambda k: k.step_size, self.kernel, step_size)
            return jax.vmap(kernel.step, in_axes=(0, 0, None))(keys, x, system)

        keys = jax.random.split(key, state.x.shape[:2])
        x, diagnostics = jax.vmap(chains, in_axes=(0, 0, 0, over_temperature(system)))(keys, state.x, epsilon, system)
        acceptance = pooled(diagnostics.acceptance, tuning.count < self.adaptation // 2)
        learned = dual_averaging(tuning, acceptance, self.kernel.target)
        return AdaptedState(
            x, jax.tree.map(lambda new, old: jnp.where(adapting, new, old), learned, tuning)
        ), diagnostics

    def configurations(self, state: AdaptedState) -> Shaped[Array, "T R *site"]:
        return state.x

    def place(self, state: AdaptedState, x: Shaped[Array, "T R *site"], system: AbstractSystem) -> AdaptedState:
        return AdaptedState(x.astype(state.x.dtype), state.step_size)
