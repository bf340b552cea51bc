# SPDX-License-Identifier: Apache-2.0
"""Local symmetries of variables on the links of a square torus: an element of the group at each vertex.

x[i, j, 0] joins the vertices (i, j) and (i+1, j), x[i, j, 1] joins (i, j) and (i, j+1).
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import Spins

__all__ = ["PhaseGauge", "SignGauge"]


@dataclass(frozen=True)
class SignGauge(AbstractSymmetry):
    """s_μ(n) -> v(n) s_μ(n) v(n+μ), v = ±1: all links at the vertices with v = -1 are flipped."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        v = Spins().random(key, x.shape[:2]).astype(x.dtype)
        return x * v[..., None] * ahead(v)


@dataclass(frozen=True)
class PhaseGauge(AbstractSymmetry):
    """θ_μ(n) -> α(n) + θ_μ(n) - α(n+μ).  Law: all plaquette angles are unchanged."""

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """α uniform in [0, 2π) at each vertex."""
        return self.transformed(x, jax.random.uniform(key, x.shape[:2], x.dtype, 0.0, 2 * jnp.pi)) % (2 * jnp.pi)

    def transformed(self, x: Float[Array, "*site"], alpha: Float[Array, "Lx Ly"]) -> Float[Array, "*site"]:
        """θ_μ(n) + α(n) - α(n+μ) for given α, not reduced modulo 2π."""
        return x + alpha[..., None] - ahead(alpha)


def ahead(v: Shaped[Array, "Lx Ly"]) -> Shaped[Array, "Lx Ly 2"]:
    """v(n+1) and v(n+2), at the far ends of the two links of vertex n."""
    return jnp.stack([jnp.roll(v, -1, axis=0), jnp.roll(v, -1, axis=1)], axis=-1)
