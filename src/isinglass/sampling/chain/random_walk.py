# SPDX-License-Identifier: Apache-2.0
"""Random-walk Metropolis of the whole configuration: x' = x + ε ξ, ξ ~ N(0, 1).

Ref: optimal acceptance 0.234 in many dimensions: Roberts, Gelman and Gilks 1997, doi:10.1214/aoap/1034625254.
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

__all__ = ["RandomWalk", "RandomWalkDiagnostics"]


class RandomWalkDiagnostics(NamedTuple):
    """Diagnostics of a step."""

    acceptance: Float[Array, ""]  # acceptance probability of the proposal


class RandomWalk(AbstractTunable):
    """Accept x' with probability min(1, exp(-beta ΔE)).  Law: detailed balance, since ξ is symmetric.

    Real variables, and angles modulo 2π.  Cost: two energies a step; about N steps to an independent configuration of
    N variables.  `Adapted(RandomWalk())` adapts the step size.
    """

    requires: ClassVar = (continuous_variables,)
    step_size: Float[Array, ""] | float = 0.1
    target: float = eqx.field(static=True, default=0.234)

    def step(
        self, key, x: Float[Array, "*site"], system: AbstractSystem
    ) -> tuple[Float[Array, "*site"], RandomWalkDiagnostics]:
        """One proposal for all variables together."""
        key_move, key_accept = jax.random.split(key)
        epsilon = jnp.asarray(self.step_size, x.dtype)
        y = system.variable.wrap(x + epsilon * jax.random.normal(key_move, x.shape, x.dtype))
        accepted, probability = decide(key_accept, system.log_weight(y) - system.log_weight(x))
        return jnp.where(accepted, y, x), RandomWalkDiagnostics(probability)
