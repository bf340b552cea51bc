# SPDX-License-Identifier: Apache-2.0
"""Moves of a population by its own differences: no step size, no gradient, the same for x and A x + b.

Refs: ter Braak 2006, doi:10.1007/s11222-006-8769-1; some coordinates alone: Vrugt et al. 2009,
doi:10.1515/IJNSNS.2009.10.3.273; two halves that move each other: Foreman-Mackey et al. 2013, arXiv:1202.3665,
section 3.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.sampling.weight.annealed_importance import AbstractPopulationMove
from isinglass.systems.system import AbstractSystem

__all__ = ["DifferentialEvolution"]

SMALLEST = 0.03  # of the lengths γ, in units of the best one for a normal law
JUMPS = 0.1  # share of moves with γ = 1, from one mode to another
WHOLE = 0.5  # share of moves of all coordinates; the others are of k random ones


class DifferentialEvolution(AbstractPopulationMove):
    """x_i' = x_i + γ (x_a - x_b), a and b of the other half; accepted with min(1, w(x')/w(x)).

    In all d coordinates, or, in half of the moves, in k random ones, k uniform in 1, ..., d: from one mode to another
    that differs in few of them.  γ = 2.38/√(2k) times a random factor in [0.03, 1], uniform in its logarithm; 1 in a
    tenth of the moves.
    Law: detailed balance of Π_i w(x_i), as γ, the pair and the coordinates do not depend on x_i.  n is even.
    Cost: one ln w a walker.
    """

    def move(
        self, key: Key[Array, ""], x: Float[Array, "n d"], log_w: Float[Array, " n"], system: AbstractSystem
    ) -> tuple[Float[Array, "n d"], Float[Array, " n"], Float[Array, " n"]]:
        """One move of either half, ln w after it, and whether it was accepted."""

        def half(halves, key):
            mine, others = halves
            x, log_w, accepted = moved_by(key, mine[0], mine[1], others[0], system)
            return (others, (x, log_w)), accepted

        m = len(x) // 2
        halves = (x[:m], log_w[:m]), (x[m:], log_w[m:])
        halves, accepted = jax.lax.scan(half, halves, jax.random.split(key))  # twice, so that they are in order again
        x, log_w = (jnp.concatenate(both) for both in zip(*halves, strict=True))
        return x, log_w, accepted.reshape(-1)


def moved_by(
    key: Key[Array, ""], x: Float[Array, "n d"], log_w: Float[Array, " n"], others: Float[Array, "n d"],
    system: AbstractSystem,
) -> tuple[Float[Array, "n d"], Float[Array, " n"], Float[Array, " n"]]:  # fmt: skip
    """Every x moved by the difference of two of the others."""
    n, d = x.shape
    key, key_order = jax.random.split(key)
    pair, other, length, jump, accept, whole, few = jax.random.uniform(key, (7, n))
    order = jnp.argsort(jax.random.uniform(key_order, (n, d)), axis=1)
    k = jnp.where(whole < WHOLE, d, 1 + (few * d).astype(int))
    a = (pair * n).astype(int)
    b = (a + 1 + (other * (n - 1)).astype(int)) % n
    gamma = jnp.where(jump < JUMPS, 1.0, 2.38 / jnp.sqrt(2.0 * k.astype(float)) * jnp.exp(jnp.log(SMALLEST) * length))
    new = x + jnp.where(order < k[:, None], gamma[:, None] * (others[a] - others[b]), 0.0)
    log_new = jax.vmap(system.log_weight)(new)
    accepted = jnp.log(accept) < log_new - log_w  # False where ln w is not a number
    return jnp.where(accepted[:, None], new, x), jnp.where(accepted, log_new, log_w), accepted.astype(float)
