# SPDX-License-Identifier: Apache-2.0
"""Networks of erf of one width: their tangent kernels, and their outputs after descent, one compiled program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["WideTrained", "wide_networks"]


class WideTrained(NamedTuple):
    """Of each network, at all inputs, those it is trained on first."""

    kernel: Float[Array, "networks n n"]  # ∇f(x)·∇f(x') of the first weights
    outputs: Float[Array, "networks n"]  # after descent, less those before
    moved: Float[Array, " networks"]  # |θ_t - θ_0| by |θ_0|


@partial(jax.jit, static_argnames=("width", "hidden", "steps"))
def wide_networks(keys, x, y, width: int, hidden: int, rate, steps: int) -> WideTrained:  # noqa: PLR0913
    """Gradient descent on ½ Σ_i (f(x_i) - f_0(x_i) - y_i)² over the first len(y) inputs, from standard normal weights.

    f_0, the output of the first weights, is taken off: the mean over networks has the noise of the kernel alone.
    """

    def one(key) -> WideTrained:
        sizes = [x.shape[1], *[width] * hidden, 1]
        shapes = zip(sizes[1:], sizes[:-1], strict=True)
        keys = jax.random.split(key, hidden + 1)
        weights = [jax.random.normal(k, shape) for k, shape in zip(keys, shapes, strict=True)]

        def f(weights):
            h = x @ weights[0].T / x.shape[1] ** 0.5
            for W in weights[1:]:
                h = jax.scipy.special.erf(h) @ W.T / width**0.5
            return h[:, 0]

        jacobian = jax.tree.leaves(jax.jacrev(f)(weights))
        kernel = sum(J.reshape(len(x), -1) @ J.reshape(len(x), -1).T for J in jacobian)
        first = f(weights)
        gradient = jax.grad(lambda w: 0.5 * jnp.sum((f(w) - first)[: len(y)] ** 2) - (f(w) - first)[: len(y)] @ y)
        step = lambda _, w: jax.tree.map(lambda a, g: a - rate * g, w, gradient(w))  # noqa: E731
        last = jax.lax.fori_loop(0, steps, step, weights)
        size = lambda tree: jnp.sqrt(sum(jnp.sum(a * a) for a in jax.tree.leaves(tree)))  # noqa: E731
        moved = size(jax.tree.map(jnp.subtract, last, weights)) / size(weights)
        return WideTrained(jnp.asarray(kernel), f(last) - first, moved)

    return jax.lax.map(one, keys)
