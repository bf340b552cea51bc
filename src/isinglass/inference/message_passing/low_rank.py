# SPDX-License-Identifier: Apache-2.0
"""Approximate message passing for a spike in a symmetric matrix, Y = (λ/N) x x^T + W, from its top eigenvector.

    m = mean(a, s) of the prior, a = λ r, s = λ² |m_before|²/N;   r <- Y m - λ <variance> m_before

Law: the overlap of m and x follows q <- Q(λ² q) (state evolution), N -> ∞.  Cost: N² a step.
Ref: Montanari & Venkataramanan 2021, arXiv:1711.01682; Lesieur, Krzakala & Zdeborová 2017, arXiv:1701.00858.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.learning.scalar_prior import AbstractScalarPrior

__all__ = ["SpikePassing", "SpikeState", "top_eigenpair"]


class SpikeState(NamedTuple):
    """Between two steps."""

    r: Float[Array, " N"]  # λ q x + √q noise
    m: Float[Array, " N"]  # the estimate before


class SpikePassing(eqx.Module):
    """Knows the prior and the strength λ > 1."""

    prior: AbstractScalarPrior
    strength: Float[Array, ""] | float

    def init(self, v: Float[Array, " N"]) -> SpikeState:
        """From the top eigenvector, |v| = 1: the best estimate linear in it is √(q N) v, q = 1 - 1/λ²."""
        m = jnp.sqrt((1 - 1 / self.strength**2) * v.size) * v
        return SpikeState(self.strength * m, m)

    def step(self, state: SpikeState, Y: Float[Array, "N N"]) -> SpikeState:
        """A new estimate m, and its field with Onsager's correction."""
        a, s = self.strength * state.r, self.strength**2 * jnp.mean(state.m**2)
        m = self.prior.mean(a, s)
        onsager = self.strength * jnp.mean(self.prior.variance(a, s))
        return SpikeState(Y @ m - onsager * state.m, m)


def top_eigenpair(key, Y: Float[Array, "N N"], steps: int = 80) -> tuple[Float[Array, ""], Float[Array, " N"]]:
    """Largest eigenvalue and its vector, by Lanczos with full orthogonalization.  Cost: N² + N `steps` a step."""
    N = len(Y)
    first = jax.random.normal(key, (N,))

    def step(carry, _):
        basis, v, k = carry
        basis = basis.at[k].set(v)
        w = Y @ v
        alpha = v @ w
        for _ in range(2):
            w = w - basis.T @ (basis @ w)
        beta = jnp.linalg.norm(w)
        return (basis, w / beta, k + 1), (alpha, beta)

    begin = (jnp.zeros((steps, N)), first / jnp.linalg.norm(first), 0)
    (basis, _, _), (alpha, beta) = jax.lax.scan(step, begin, length=steps)
    value, vector = jnp.linalg.eigh(jnp.diag(alpha) + jnp.diag(beta[:-1], 1) + jnp.diag(beta[:-1], -1))
    return value[-1], basis.T @ vector[:, -1]
