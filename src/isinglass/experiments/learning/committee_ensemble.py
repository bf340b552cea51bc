# SPDX-License-Identifier: Apache-2.0
"""Soft committee machines that learn on line, samples side by side, in one compiled program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["MachinePaths", "follow", "with_overlaps"]


class MachinePaths(NamedTuple):
    """Order parameters of each sample along time."""

    R: Float[Array, "samples times K M"]
    Q: Float[Array, "samples times K K"]


def with_overlaps(key, N: int, R: Float[Array, "K M"], rest: Float[Array, "K K"]) -> Float[Array, "K N"]:
    """J of these overlaps with the teachers √N e_1, √N e_2, ..., exactly.

    J B^T/N = R, J J^T/N = R R^T + S S^T with S = `rest`.
    """
    K, M = R.shape
    others = jnp.linalg.qr(jax.random.normal(key, (N - M, K)))[0].T
    return jnp.sqrt(N) * jnp.concatenate([R, rest @ others], axis=1)


@partial(jax.jit, static_argnames=("N", "blocks", "steps"))
def follow(keys, N: int, R, rest, eta, blocks: int, steps: int) -> MachinePaths:
    """J_i += (η/N) g'(x_i) e ξ for `blocks` times `steps` examples ξ, each seen once; x = J ξ/√N, teachers √N e_m.

    `rest`: the Cholesky factor of Q - R R^T at the beginning.
    """
    M = R.shape[1]

    def one(key) -> MachinePaths:
        key_first, key_run = jax.random.split(key)

        def example(J, key):
            xi = jax.random.normal(key, (N,))
            x = J @ xi / jnp.sqrt(N)
            e = jax.lax.erf(xi[:M] / jnp.sqrt(2)).sum() - jax.lax.erf(x / jnp.sqrt(2)).sum()
            gradient = jnp.sqrt(2 / jnp.pi) * jnp.exp(-(x**2) / 2) * e
            return J + eta / jnp.sqrt(N) * jnp.outer(gradient, xi), None

        def block(J, key):
            J, _ = jax.lax.scan(example, J, jax.random.split(key, steps))
            return J, MachinePaths(J[:, :M] / jnp.sqrt(N), J @ J.T / N)

        return jax.lax.scan(block, with_overlaps(key_first, N, R, rest), jax.random.split(key_run, blocks))[1]

    return jax.vmap(one)(keys)
