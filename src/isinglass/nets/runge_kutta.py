# SPDX-License-Identifier: Apache-2.0
"""Runge-Kutta steps of dy/ds = f(y, s): Heun (order 2) and the classical one (order 4), compiled as one loop."""

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["Solver", "integrate"]

Solver = Literal["heun", "rk4"]
Field = Callable[[Any, Float[Array, ""]], Any]  # f(y, s) -> dy/ds, y any tree of arrays


def moved(y: Any, h: Float[Array, ""], *terms: tuple[float, Any]) -> Any:
    """Return y + h Σ c k."""
    total = y
    for c, k in terms:
        total = jax.tree.map(lambda a, b, c=c: a + (c * h).astype(a.dtype) * b, total, k)
    return total


def heun(f: Field, y: Any, s: Float[Array, ""], h: Float[Array, ""]) -> Any:
    """y + h (k1 + k2)/2, k1 = f(y, s), k2 = f(y + h k1, s + h)."""
    k1 = f(y, s)
    k2 = f(moved(y, h, (1.0, k1)), s + h)
    return moved(y, h, (0.5, k1), (0.5, k2))


def rk4(f: Field, y: Any, s: Float[Array, ""], h: Float[Array, ""]) -> Any:
    """y + h (k1 + 2 k2 + 2 k3 + k4)/6."""
    k1 = f(y, s)
    k2 = f(moved(y, h, (0.5, k1)), s + h / 2)
    k3 = f(moved(y, h, (0.5, k2)), s + h / 2)
    k4 = f(moved(y, h, (1.0, k3)), s + h)
    return moved(y, h, (1 / 6, k1), (1 / 3, k2), (1 / 3, k3), (1 / 6, k4))


STEPS = {"heun": heun, "rk4": rk4}


def integrate(f: Field, y: Any, grid: Float[Array, " points"], solver: Solver = "rk4") -> Any:
    """y(grid[-1]) from y(grid[0]), one step from each point of the grid to the next.  Law: error O(h²) or O(h⁴)."""
    if solver not in STEPS:
        raise ValueError(f"expected a solver among {', '.join(STEPS)}; found {solver!r}; choose one.")
    step = lambda y, ends: (STEPS[solver](f, y, ends[0], ends[1] - ends[0]), None)  # noqa: E731
    return jax.lax.scan(step, y, (jnp.asarray(grid[:-1]), jnp.asarray(grid[1:])))[0]
