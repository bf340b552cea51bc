# SPDX-License-Identifier: Apache-2.0
"""Stationary points of the spherical 3-spin model, found from along paths of descent: one compiled program."""

from functools import partial
from itertools import permutations
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["Saddles", "saddles"]

STEP = 0.03  # of descent, in E


class Saddles(NamedTuple):
    """One for each start."""

    energy: Float[Array, " points"]  # e = E/N
    gradient: Float[Array, " points"]  # |g|/√N: 0 if it was found
    negative: Float[Array, " points"]  # share of negative eigenvalues, of N - 1


@partial(jax.jit, static_argnames=("N", "steps"))
def saddles(keys, descents, N: int, steps: int) -> Saddles:
    """So many steps of descent from a random point of a new sample, then Levenberg and Marquardt's for g = 0.

    E = Σ_ijk J_ijk s_i s_j s_k/N, |s|² = N; memory: 8 N³ bytes.
    """

    def on_sphere(s):
        return s * jnp.sqrt(N) / jnp.linalg.norm(s)

    def one(key, descent):
        key_J, key_s = jax.random.split(key)
        J = jax.random.normal(key_J, (N, N, N)) / N
        J = sum(jnp.transpose(J, axes) for axes in permutations(range(3))) / 6

        def parts(s):
            """E/N, the gradient and the Hessian on the sphere, with s itself as null vector."""
            M = J @ s
            e = s @ M @ s / N
            across = jnp.eye(N) - jnp.outer(s, s) / N
            return e, 3 * (M @ s - e * s), across @ (6 * M - 3 * e * jnp.eye(N)) @ across

        def newton(state, _):
            s, damping = state
            _, g, H = parts(s)
            size = jnp.linalg.norm(g)
            A = H @ H + damping * size * jnp.eye(N) + jnp.outer(s, s) / N
            moved = on_sphere(s - jnp.linalg.solve(A, H @ g))
            better = jnp.linalg.norm(parts(moved)[1]) < size
            return (jnp.where(better, moved, s), damping * jnp.where(better, 1 / 3, 4.0)), None

        s = on_sphere(jax.random.normal(key_s, (N,)))
        s = jax.lax.fori_loop(0, descent, lambda _, s: on_sphere(s - STEP * parts(s)[1]), s)
        (s, _), _ = jax.lax.scan(newton, (s, jnp.ones(())), length=steps)
        e, g, H = parts(s)
        eigenvalue = jnp.linalg.eigvalsh(H + 1e3 * jnp.outer(s, s) / N)[:-1]
        return Saddles(e, jnp.linalg.norm(g) / jnp.sqrt(N), jnp.mean((eigenvalue < 0).astype(float)))

    return jax.lax.map(lambda given: one(*given), (keys, descents))
