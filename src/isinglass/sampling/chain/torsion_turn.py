# SPDX-License-Identifier: Apache-2.0
"""Rotations about one bond by a random angle: a molecule crosses a torsional barrier in one move.

The acceptance rule is that of Metropolis et al. 1953, doi:10.1063/1.1699114.
"""

from typing import ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.sampling.chain.metropolis import decide
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["TorsionTurn", "TorsionTurnDiagnostics"]


class TorsionTurnDiagnostics(NamedTuple):
    """Diagnostics of a sweep."""

    acceptance: Float[Array, ""]  # mean acceptance probability of a rotation


class TorsionTurn(AbstractSampler):
    """x' = system.with_random_torsion(key, x), one torsion uniform; accept with probability min(1, exp(-β ΔE)).

    Law: detailed balance, since the proposal is symmetric and, as a rigid rotation beyond a bond, preserves volume.
    It changes torsions alone: combine it with another, `Mixed((HMC(), TorsionTurn()))`.  Cost: `turns` + 1 energies.
    """

    ergodic: ClassVar = staticmethod(lambda system: False)
    part: ClassVar[bool] = True
    turns: int = eqx.field(static=True, default=4)

    def step(
        self, key, x: Float[Array, "*site"], system: AbstractSystem
    ) -> tuple[Float[Array, "*site"], TorsionTurnDiagnostics]:
        """`turns` proposals, one after the other."""

        def turn(carry, key):
            x, log_w = carry
            key_turn, key_accept = jax.random.split(key)
            y = system.with_random_torsion(key_turn, x)  # pyright: ignore[reportAttributeAccessIssue]
            log_w_y = system.log_weight(y)
            accepted, probability = decide(key_accept, log_w_y - log_w)
            return (jnp.where(accepted, y, x), jnp.where(accepted, log_w_y, log_w)), probability

        (x, _), probability = jax.lax.scan(turn, (x, system.log_weight(x)), jax.random.split(key, self.turns))
        return x, TorsionTurnDiagnostics(jnp.mean(probability))
