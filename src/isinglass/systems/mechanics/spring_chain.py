# SPDX-License-Identifier: Apache-2.0
"""Masses joined by springs between two walls."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.exact.mechanics import springs
from isinglass.systems.mechanics.mechanics import AbstractMechanics

__all__ = ["SpringChain"]


class SpringChain(AbstractMechanics):
    """H = Σ p_i²/2 + (k/2) Σ_(i=0)^n (q_(i+1) - q_i)², q_0 = q_(n+1) = 0.  Law: normal modes do not mix."""

    n: int = eqx.field(static=True, default=2)
    k: float = 1.0

    @property
    def degrees(self) -> int:
        return self.n

    @property
    def time_scale(self) -> float:
        """2π by the lowest frequency."""
        return float(2 * jnp.pi / springs.frequencies(self.n, self.k)[0])

    def hamiltonian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        q, p = jnp.split(y, 2)
        return (p**2).sum() / 2 + self.k / 2 * (jnp.diff(jnp.pad(q, 1)) ** 2).sum()

    def random_state(self, key: Key[Array, ""]) -> Float[Array, " phase"]:
        """Normal numbers of unit width."""
        return jax.random.normal(key, (2 * self.n,))
