# SPDX-License-Identifier: Apache-2.0
"""Moves of a population by its own differences: no step size, no gradient, the same for x and A x + b.

Refs: ter Braak 2006, doi:10.1007/s11222-006-8769-1; two halves that move each other: Foreman-Mackey et al. 2013,
arXiv:1202.3665, section 3.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.sampling.weight.annealed_importance import AbstractPopulationMove
from isinglass.systems.system import AbstractSystem

__all__ = ["DifferentialEvolution"]

SMALLEST = 0.03  # of the lengths γ, in units of the best one for a normal law
JUMPS = 0.1  # share of moves with γ = 1, from one mode to another


class DifferentialEvolution(AbstractPopulationMove):
    """x_i' = x_i + γ (x_a - x_b), a and b of the other half; accepted with min(1, w(x')/w(x)).

    γ = 2.38/√(2d) times a random factor in [0.03, 1], uniform in its logarithm; 1 in a tenth of the moves.
    Law: detailed balance of Π_i w(x_i), as γ and the pair do not depend on x_i.  n is even.  Cost: two ln w a walker.
    """

    def move(
        self, key: Key[Array, ""], x: Float[Array, "n d"], system: AbstractSystem
    ) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
        """One move of either half, and whether it was accepted."""

        def half(halves, key):
            mine, others = halves
            mine, accepted = moved_by(key, mine, others, system)
            return (others, mine), accepted

        halves = (x[: len(x) // 2], x[len(x) // 2 :])
        halves, accepted = jax.lax.scan(half, halves, jax.random.split(key))  # twice, so that they are in order again
        return jnp.concatenate(halves), accepted.reshape(-1)


def moved_by(
    key: Key[Array, ""], x: Float[Array, "n d"], others: Float[Array, "n d"], system: AbstractSystem
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Every x moved by the difference of two of the others."""
    n, d = x.shape
    pair, other, length, jump, accept = jax.random.uniform(key, (5, n))
    a = (pair * n).astype(int)
    b = (a + 1 + (other * (n - 1)).astype(int)) % n
    gamma = jnp.where(jump < JUMPS, 1.0, 2.38 / (2 * d) ** 0.5 * jnp.exp(jnp.log(SMALLEST) * length))
    new = x + gamma[:, None] * (others[a] - others[b])
    log_w = jax.vmap(system.log_weight)(jnp.concatenate([new, x]))
    accepted = jnp.log(accept) < log_w[:n] - log_w[n:]  # False where ln w is not a number
    return jnp.where(accepted[:, None], new, x), accepted.astype(float)
