# SPDX-License-Identifier: Apache-2.0
"""Does a density of gauge fields keep the gauge symmetry, ln q(θ^α) = ln q(θ)?"""

import jax
import jax.numpy as jnp

from isinglass.nets.density import AbstractDensity
from isinglass.result import Check
from isinglass.symmetry.gauge import PhaseGauge

__all__ = ["gauge_invariant_density", "gauge_violation"]

DRAWS = 64


def gauge_invariant_density(model: AbstractDensity) -> Check:
    """Largest |ln q(θ^α) - ln q(θ)| at most 0.02: the round-off of float32, far below what a wrong layer does."""
    law = "the flow's density is gauge invariant (largest change of ln q)"
    return Check.at_most(law, gauge_violation(model), 2e-2, source="a law of the architecture")


def gauge_violation(model: AbstractDensity) -> float:
    """Largest |ln q(θ^α) - ln q(θ)| over 64 draws and random α."""
    key_draw, key_angle = jax.random.split(jax.random.key(0))

    def change(key, alpha):
        x, _ = model.draw_with_log_prob(key)
        return jnp.abs(model.log_prob(PhaseGauge().transformed(x, alpha)) - model.log_prob(x))

    alpha = jax.random.uniform(key_angle, (DRAWS, *model.shape[:-1]), jnp.float32, -jnp.pi, jnp.pi)
    return float(jnp.max(jax.jit(jax.vmap(change))(jax.random.split(key_draw, DRAWS), alpha)))
