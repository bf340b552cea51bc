# SPDX-License-Identifier: Apache-2.0
"""Langevin dynamics dx = -β ∇E dt + √2 dW in steps of ε: unadjusted, and with a Metropolis test (MALA).

Refs: Roberts and Tweedie 1996, doi:10.2307/3318418; optimal acceptance 0.574: Roberts and Rosenthal 1998,
doi:10.1111/1467-9868.00123.
"""

from typing import ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.sampling.chain.adaptation import AbstractTunable
from isinglass.sampling.chain.metropolis import decide
from isinglass.sampling.chain.requirement import continuous_variables
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["MALA", "Langevin", "LangevinDiagnostics"]


class LangevinDiagnostics(NamedTuple):
    """Diagnostics of a step."""

    acceptance: Float[Array, ""]  # acceptance probability of the proposal


class Langevin(AbstractSampler):
    """x' = x - ε β ∇E(x) + √(2ε) ξ, never rejected: its stationary distribution has an error of O(ε).

    Law: for E = ½ ω² x² the stationary variance is 1 / [β ω² (1 - ½ ε β ω²)], unstable from ε β ω² = 2 on.
    Cost: one gradient a step.
    """

    requires: ClassVar = (continuous_variables,)
    step_size: Float[Array, ""] | float = 0.01

    def step(self, key, x: Float[Array, "*site"], system: AbstractSystem) -> tuple[Float[Array, "*site"], None]:
        """One Euler-Maruyama step of size ε."""
        epsilon = jnp.asarray(self.step_size, x.dtype)
        noise = jnp.sqrt(2 * epsilon) * jax.random.normal(key, x.shape, x.dtype)
        return system.variable.wrap(x + epsilon * jax.grad(system.log_weight)(x) + noise), None


class MALA(AbstractTunable):
    """The step of `Langevin`, accepted with probability min(1, p(y) q(x | y) / p(x) q(y | x)).  Law: detailed balance.

    ln q(y | x) = -|y - x - ε ∇ln p(x)|² / 4ε.  It is HMC with one leapfrog step of size √(2ε).
    Cost: two gradients a step.  `Adapted(MALA())` adapts the step size.
    """

    requires: ClassVar = (continuous_variables,)
    step_size: Float[Array, ""] | float = 0.01
    target: float = eqx.field(static=True, default=0.574)

    def step(
        self, key, x: Float[Array, "*site"], system: AbstractSystem
    ) -> tuple[Float[Array, "*site"], LangevinDiagnostics]:
        """One proposal for all variables together."""
        key_move, key_accept = jax.random.split(key)
        epsilon = jnp.asarray(self.step_size, x.dtype)
        log_p_x, drift_x = jax.value_and_grad(system.log_weight)(x)
        move = epsilon * drift_x + jnp.sqrt(2 * epsilon) * jax.random.normal(key_move, x.shape, x.dtype)
        log_p_y, drift_y = jax.value_and_grad(system.log_weight)(x + move)
        there, back = jnp.sum((move - epsilon * drift_x) ** 2), jnp.sum((-move - epsilon * drift_y) ** 2)
        accepted, probability = decide(key_accept, log_p_y - log_p_x + (there - back) / (4 * epsilon))
        return jnp.where(accepted, system.variable.wrap(x + move), x), LangevinDiagnostics(probability)
