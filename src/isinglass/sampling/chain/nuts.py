# SPDX-License-Identifier: Apache-2.0
"""The No-U-Turn Sampler of BlackJAX: HMC whose trajectories end at a U-turn.

Ref: Hoffman and Gelman 2014, arXiv:1111.4246; with multinomial weights, Betancourt 2017, arXiv:1701.02434.
"""

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.sampling.chain.adaptation import AbstractTunable
from isinglass.sampling.chain.requirement import continuous_variables
from isinglass.systems.system import AbstractSystem

__all__ = ["NUTS", "NUTSDiagnostics"]


class NUTSDiagnostics(NamedTuple):
    """Diagnostics of a trajectory."""

    acceptance: Float[Array, ""]  # mean over the trajectory
    steps: Int[Array, ""]  # leapfrog steps


class NUTS(AbstractTunable):
    """A trajectory doubled until it makes a U-turn, with unit mass; one of its points is the next configuration.

    Law: detailed balance.  Cost: one gradient a leapfrog step, at most 2^max_doublings; vectorized chains
    wait for the longest.  `Adapted(NUTS())` adapts the step size.  Errors: InputError where BlackJAX is missing.
    """

    requires: ClassVar = (continuous_variables, lambda method, system: blackjax_nuts())
    step_size: Float[Array, ""] | float = 0.1
    target: float = eqx.field(static=True, default=0.8)
    max_doublings: int = eqx.field(static=True, default=7)

    def step(
        self, key, x: Float[Array, "*site"], system: AbstractSystem
    ) -> tuple[Float[Array, "*site"], NUTSDiagnostics]:
        """One trajectory from x; its acceptance is the mean over the trajectory."""
        nuts = blackjax_nuts()
        log_weight = lambda flat: system.log_weight(flat.reshape(x.shape))  # noqa: E731
        with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):  # required by BlackJAX
            start = nuts.init(x.reshape(-1), log_weight)
            step_size, unit = jnp.asarray(self.step_size, x.dtype), jnp.ones(x.size, x.dtype)
            state, diagnostics = nuts.build_kernel()(key, start, log_weight, step_size, unit, self.max_doublings)
        acceptance = jnp.nan_to_num(diagnostics.acceptance_rate)  # nan where every weight vanishes
        return system.variable.wrap(state.position.reshape(x.shape)), NUTSDiagnostics(
            acceptance, diagnostics.num_integration_steps
        )


def blackjax_nuts() -> Any:
    """The module blackjax.mcmc.nuts.  Errors: InputError where BlackJAX is not installed."""
    try:
        from blackjax.mcmc import nuts
    except ImportError:
        raise InputError("BlackJAX for NUTS", "it is not installed", "pip install 'isinglass[blackjax]'") from None
    return nuts
