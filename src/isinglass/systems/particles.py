# SPDX-License-Identifier: Apache-2.0
"""What systems of particles share: distances of pairs, the center of mass, downhill to a start without overlaps."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

__all__ = ["centered", "relaxed", "squared_distances"]


def squared_distances(
    x: Float[Array, "n d"], i: Int[Array, " pairs"], j: Int[Array, " pairs"]
) -> Float[Array, " pairs"]:
    """r_ij² = |x_i - x_j|² of the pairs asked for, and of no others: none divides by zero."""
    apart = x[i] - x[j]
    return jnp.sum(apart * apart, axis=1)


def centered(x: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """x_i - x̄, the center of mass (equal masses) removed."""
    return x - jnp.mean(x, axis=0, keepdims=True)


def relaxed(energy: Callable, x: Float[Array, "n d"], *, steps: int = 500, stride: float = 0.02) -> Float[Array, "n d"]:
    """Steps against the gradient, at most `stride` for any particle: overlaps of a random start go away."""

    def down(x, step):
        force = -jax.grad(energy)(x)
        length = jnp.sqrt(jnp.sum(force * force, axis=1, keepdims=True) + 1e-30)
        return x + force / length * jnp.minimum(step * length, stride), None

    return jax.lax.scan(down, x, jnp.full(steps, 1e-3, x.dtype))[0]
