# SPDX-License-Identifier: Apache-2.0
"""Runge-Kutta steps of dy/ds = f(y, s) whose stages each look one stage back: Heun (order 2), the classical (order 4).

k_i = f(y + a_i h k_(i-1), s + a_i h),  y <- y + h Σ_i b_i k_i.  All stages of all steps are one compiled loop, so that
f is compiled once.
"""

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["TABLES", "Solver", "integrate"]

Solver = Literal["heun", "rk4"]
TABLES = {"heun": ((0, 1), (1 / 2, 1 / 2)), "rk4": ((0, 1 / 2, 1 / 2, 1), (1 / 6, 1 / 3, 1 / 3, 1 / 6))}  # a, b


def integrate(
    f: Callable[[Any, Float[Array, ""]], Any], y: Any, grid: Float[Array, " points"], solver: Solver = "rk4"
) -> Any:
    """y(grid[-1]) from y(grid[0]), one step from each point of the grid to the next.  Law: error O(h²) or O(h⁴).

    y is any tree of arrays.
    """
    if solver not in TABLES:
        raise ValueError(f"expected a solver among {', '.join(TABLES)}; found {solver!r}; choose one.")
    a, b = (np.tile(column, len(grid) - 1) for column in TABLES[solver])
    stages = len(TABLES[solver][0])
    s, h = jnp.repeat(grid[:-1], stages), jnp.repeat(jnp.diff(grid), stages)
    first, last = np.arange(len(a)) % stages == 0, np.arange(len(a)) % stages == stages - 1

    def stage(carry, now):
        y, total, k = carry
        s, h, a, b, first, last = now
        base = jax.tree.map(lambda y, k: y + (a * h).astype(y.dtype) * k, y, k)
        k = f(base, s + a * h)
        total = jax.tree.map(
            lambda total, k: jnp.where(first, 0.0, total).astype(k.dtype) + (b * h).astype(k.dtype) * k, total, k
        )
        y = jax.tree.map(lambda y, total: jnp.where(last, y + total, y), y, total)
        return (y, total, k), None

    zero = jax.tree.map(jnp.zeros_like, y)
    table = (s, h, jnp.asarray(a, s.dtype), jnp.asarray(b, s.dtype), jnp.asarray(first), jnp.asarray(last))
    return jax.lax.scan(stage, (y, zero, zero), table)[0][0]
