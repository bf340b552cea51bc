# SPDX-License-Identifier: Apache-2.0
"""A small network whose Hessian is exact, on the polynomial T_5 at 20 points: descent, sharpness, curves of low loss.

The task of Cohen et al. 2021, arXiv:2103.00065, where descent ends at the edge of stability.
"""

from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.experiments.optimization.descent import descend
from isinglass.training.optimizer import Optimizer

__all__ = ["Edge", "HessianProduct", "connected", "edge", "first_weights", "loss", "permuted"]

WIDTH, POINTS = 12, 20
X = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
Y = np.cos(5 * np.arccos(X))
SHAPES = ((WIDTH,), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (WIDTH,))  # a, b, C, d, v of v·tanh(C tanh(a x + b) + d)
SIZES = [WIDTH, WIDTH, WIDTH * WIDTH, WIDTH, WIDTH]


def parts(theta: Float[Array, " p"]) -> list[Array]:
    """The arrays of the network."""
    ends = [sum(SIZES[: k + 1]) for k in range(len(SIZES) - 1)]
    return [part.reshape(shape) for part, shape in zip(jnp.split(theta, ends), SHAPES, strict=True)]


def first_weights(key) -> Float[Array, " p"]:
    """Normal of variance 4, 0, 1/width, 0, 1/width."""
    scale = jnp.asarray(np.repeat([2.0, 0.0, WIDTH**-0.5, 0.0, WIDTH**-0.5], SIZES))
    return scale * jax.random.normal(key, (sum(SIZES),))


def loss(theta: Float[Array, " p"]) -> Float[Array, ""]:
    """Mean square of f(x_i) - T_5(x_i)."""
    a, b, C, d, v = parts(theta)
    f = lambda x: v @ jnp.tanh(C @ jnp.tanh(a * x + b) + d)  # noqa: E731
    return jnp.mean((jax.vmap(f)(X) - Y) ** 2)


def permuted(theta: Float[Array, " p"], order: Array) -> Float[Array, " p"]:
    """The same function with the units of the second layer in another order.  Law: loss as before."""
    a, b, C, d, v = parts(theta)
    return jnp.concatenate([a, b, C[order].reshape(-1), d[order], v[order]])


class HessianProduct(eqx.Module):
    """v → -H v, whose lowest eigenvalue is that of the sharpest direction."""

    theta: Float[Array, " p"]
    dim: int = eqx.field(static=True, default=sum(SIZES))
    dtype: str = eqx.field(static=True, default="float64")

    def __call__(self, v: Float[Array, " p"]) -> Float[Array, " p"]:
        """By a derivative of the gradient, without the matrix."""
        return -jax.jvp(jax.grad(loss), (self.theta,), (v,))[1]


class Edge(NamedTuple):
    """Of each network and block of steps."""

    loss: Float[Array, "networks blocks"]
    sharpness: Float[Array, "networks blocks"]  # largest eigenvalue of the Hessian
    theta: Float[Array, "networks p"]  # the last


@partial(jax.jit, static_argnames=("blocks", "steps"))
def edge(keys, rate, blocks: int, steps: int) -> Edge:
    """Gradient descent on all points, the Hessian after each block of steps."""

    def one(key):
        def block(theta, _):
            theta = jax.lax.fori_loop(0, steps, lambda _, t: t - rate * jax.grad(loss)(t), theta)
            return theta, (loss(theta), jnp.linalg.eigvalsh(jax.hessian(loss)(theta))[-1])

        theta, (found, sharpness) = jax.lax.scan(block, first_weights(key), length=blocks)
        return Edge(found, sharpness, theta)

    return jax.lax.map(one, keys)


@partial(jax.jit, static_argnames=("steps", "points"))
def connected(one, other, steps: int, points: int = 41) -> tuple[Float[Array, " points"], Float[Array, " points"]]:
    """Losses along the line, and along Bézier's curve (1-t)² a + 2t(1-t) c + t² b, c trained for a low mean loss.

    Ref: Garipov et al. 2018, arXiv:1802.10026.
    """
    t = jnp.linspace(0.0, 1.0, points)[:, None]
    curve = lambda c: (1 - t) ** 2 * one[None] + 2 * t * (1 - t) * c[None] + t**2 * other[None]  # noqa: E731
    line = (1 - t) * one[None] + t * other[None]
    gradient = jax.grad(lambda c: jnp.mean(jax.vmap(loss)(curve(c))))
    optimizer = Optimizer("adam", 0.02, "cosine").transformation(steps)
    middle, _ = descend(optimizer, lambda c, _: gradient(c), (one + other) / 2, steps)
    return jax.vmap(loss)(line), jax.vmap(loss)(curve(middle))
