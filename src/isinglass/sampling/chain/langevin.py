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
from isinglass.systems.system import AbstractSystem

__all__ = ["MALA", "LangevinDiagnostics", "UnadjustedLangevin"]


class LangevinDiagnostics(NamedTuple):
    """Diagnostics of a step."""

    acceptance: Float[Array, ""]  # acceptance probability of the proposal


class UnadjustedLangevin(AbstractTunable):
    """x' = x - ε β ∇E(x) + √(2ε) ξ, never rejected: its stationary distribution has an error of O(ε), its `bias`.

    Law: for E = ½ ω² x² the stationary variance is 1 / [β ω² (1 - ½ ε β ω²)], unstable from ε β ω² = 2 on.
    Cost: two gradients a step, the second for the acceptance that a Metropolis test would have (`MALA`), which falls
    with ε: `Adapted(UnadjustedLangevin())` keeps it at 0.95.
    """

    requires: ClassVar = (continuous_variables,)
    bias: ClassVar[str] = "which no Metropolis test corrects for steps of finite size; use langevin, which has it"
    step_size: Float[Array, ""] | float = 0.01
    target: float = eqx.field(static=True, default=0.95)

    def step(
        self, key, x: Float[Array, "*site"], system: AbstractSystem
    ) -> tuple[Float[Array, "*site"], LangevinDiagnostics]:
        """One Euler-Maruyama step of size ε."""
        y, log_ratio = propose(key, x, system, jnp.asarray(self.step_size, x.dtype))
        return system.variable.wrap(y), LangevinDiagnostics(decide(key, log_ratio)[1])


class MALA(AbstractTunable):
    """Langevin dynamics with a Metropolis test, min(1, p(y) q(x | y) / p(x) q(y | x)).  Law: detailed balance.

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
        y, log_ratio = propose(key_move, x, system, jnp.asarray(self.step_size, x.dtype))
        accepted, probability = decide(key_accept, log_ratio)
        return jnp.where(accepted, system.variable.wrap(y), x), LangevinDiagnostics(probability)


def propose(
    key, x: Float[Array, "*site"], system: AbstractSystem, epsilon: Float[Array, ""]
) -> tuple[Float[Array, "*site"], Float[Array, ""]]:
    """y = x + ε ∇ln p(x) + √(2ε) ξ, and ln [p(y) q(x | y) / p(x) q(y | x)]."""
    log_p_x, drift_x = jax.value_and_grad(system.log_weight)(x)
    move = epsilon * drift_x + jnp.sqrt(2 * epsilon) * jax.random.normal(key, x.shape, x.dtype)
    log_p_y, drift_y = jax.value_and_grad(system.log_weight)(x + move)
    there, back = jnp.sum((move - epsilon * drift_x) ** 2), jnp.sum((-move - epsilon * drift_y) ** 2)
    return x + move, log_p_y - log_p_x + (there - back) / (4 * epsilon)
