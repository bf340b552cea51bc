# SPDX-License-Identifier: Apache-2.0
"""Pair distances, center of mass, and relaxation to a starting configuration without overlaps."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

__all__ = ["centered", "pair_table", "relaxed", "separations", "squared_distances"]


def pair_table(i: Int[np.ndarray, " pairs"], j: Int[np.ndarray, " pairs"], n: int) -> Float[np.ndarray, "n pairs"]:
    """One column for each pair, 1 at i and -1 at j: gradients of matrix products are faster than those of indexing."""
    return (np.eye(n)[i] - np.eye(n)[j]).T


def separations(x: Float[Array, "n d"], table: Float[Any, "n pairs"]) -> Float[Array, "d pairs"]:
    """x_i - x_j for the pairs of a table, at the highest matrix-product precision."""
    return jnp.matmul(x.T, jnp.asarray(table, x.dtype), precision=jax.lax.Precision.HIGHEST)


def squared_distances(x: Float[Array, "n d"], table: Float[Any, "n pairs"]) -> Float[Array, " pairs"]:
    """r_ij² = |x_i - x_j|²."""
    return jnp.sum(separations(x, table) ** 2, axis=0)


def centered(x: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """x_i - x̄, positions relative to the center of mass (equal masses)."""
    return x - jnp.mean(x, axis=0, keepdims=True)


def relaxed(energy: Callable, x: Float[Array, "n d"], *, steps: int = 500, stride: float = 0.02) -> Float[Array, "n d"]:
    """Gradient descent with steps of at most `stride` per particle, to remove the overlaps of a random start."""

    def down(x, step):
        force = -jax.grad(energy)(x)
        length = jnp.sqrt(jnp.sum(force * force, axis=1, keepdims=True) + 1e-30)
        return x + force / length * jnp.minimum(step * length, stride), None

    return jax.lax.scan(down, x, jnp.full(steps, 1e-3, x.dtype))[0]
