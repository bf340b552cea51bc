# SPDX-License-Identifier: Apache-2.0
"""Steepest descent in energy with one step size per chain: from a random start to where sampling can begin."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.systems.system import AbstractSystem, at_unit_beta

__all__ = ["downhill"]

GROW, SHRINK = 1.5, 0.25


@eqx.filter_jit
def downhill(x: Float[Array, "T R *site"], system: AbstractSystem, steps: int = 50) -> Float[Array, "T R *site"]:
    """x <- x - ε ∇E / |∇E| if that lowers E, when ε grows; else ε shrinks.  Law: E never rises."""
    one = at_unit_beta(system)

    def chain(x):
        def step(_, carry):
            x, E, force, epsilon = carry
            y = x + (epsilon / (jnp.sqrt(jnp.sum(force**2)) + 1e-12)).astype(x.dtype) * force
            new, gradient = jax.value_and_grad(one.energy)(y)
            better = new < E
            kept = jax.tree.map(lambda a, b: jnp.where(better, a, b), (y, new, -gradient), (x, E, force))
            return *kept, epsilon * jnp.where(better, GROW, SHRINK)

        E, gradient = jax.value_and_grad(one.energy)(x)
        return jax.lax.fori_loop(0, steps, step, (x, E, -gradient, jnp.asarray(0.1 * x.size**0.5, E.dtype)))[0]

    return jax.vmap(jax.vmap(chain))(x)
