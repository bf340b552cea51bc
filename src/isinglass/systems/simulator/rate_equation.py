# SPDX-License-Identifier: Apache-2.0
"""dy/dt = f(y) by the classical method of Runge and Kutta, with equal steps."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["runge_kutta"]


def runge_kutta(
    f: Callable[[Float[Array, " n"]], Float[Array, " n"]],
    start: Float[Array, " n"],
    every: float,
    times: int,
    steps: int,
) -> Float[Array, "times n"]:
    """y at 0, every, 2 every, ...; `steps` steps between two of these.  Law: error of order h⁴.

    Ref: Kutta 1901; Hairer, Nørsett and Wanner 1993, doi:10.1007/978-3-540-78862-1, table 1.2.
    """
    h = every / steps

    def step(y, _):
        a = f(y)
        b = f(y + h / 2 * a)
        c = f(y + h / 2 * b)
        d = f(y + h * c)
        return y + h / 6 * (a + 2 * b + 2 * c + d), None

    def stretch(y, _):
        return jax.lax.scan(step, y, length=steps)[0], y

    return jnp.asarray(jax.lax.scan(stretch, start, length=times)[1])
