# SPDX-License-Identifier: Apache-2.0
"""Velocity of particles along their distances, v_i = Σ_j (x_i - x_j) φ(d_ij, t), with its divergence in closed form.

∇·v = Σ_(i≠j) [D φ(d_ij) + d_ij φ'(d_ij)] in D dimensions.  Ref: Köhler, Klein and Noé 2020, arXiv:2006.02425.
"""

from collections.abc import Sequence
from functools import lru_cache

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.transport.velocity import AbstractVelocity, Moved, time_features

__all__ = ["PairVelocity", "distances", "pair_classes", "pair_differences"]


@lru_cache(maxsize=64)
def incidence(n: int) -> Float[np.ndarray, "n pairs"]:
    """B with B_(i,p) = 1 and B_(j,p) = -1 for the pair p = (i, j), i < j: Bᵀx are the differences, B f the sums."""
    i, j = np.triu_indices(n, 1)
    return (np.eye(n)[:, i] - np.eye(n)[:, j]).astype(np.float32)


def pair_differences(x: Float[Array, "n d"]) -> tuple[Float[Array, "n pairs"], Float[Array, "pairs d"]]:
    """B and r_p = x_i - x_j for every pair i < j."""
    B = jnp.asarray(incidence(x.shape[0]), x.dtype)
    return B, B.T @ x


def distances(r: Float[Array, "pairs d"]) -> Float[Array, " pairs"]:
    """d_p = |r_p|, with a finite gradient at 0."""
    square = jnp.sum(r * r, axis=1)
    return jnp.sqrt(jnp.maximum(square, jnp.finfo(r.dtype).tiny))


def pair_classes(species: tuple[int, ...]) -> Int[np.ndarray, " pairs"]:
    """Number of the unordered pair of species of each pair i < j."""
    i, j = np.triu_indices(len(species), 1)
    kinds = np.asarray(species)
    low, high = np.minimum(kinds[i], kinds[j]), np.maximum(kinds[i], kinds[j])
    return (high * (high + 1) // 2 + low).astype(np.int32)


class PairVelocity(AbstractVelocity):
    """φ(d, t) = Σ_kl W_ckl exp(-(d - μ_k)²/2w²) h_l(t), h the time features and 1, c the pair of species.

    Shape: (n, D).  `species` numbers the kinds of particles (all equal by default); `reach` is the largest μ.
    Law: commutes with rotations, reflections, translations and permutations within a species; Σ_i v_i = 0.
    Begins at v = 0.  Cost: n²/2 (kernels x times), the divergence included.
    """

    weight: Float[Array, "classes kernels times"]
    shape: tuple[int, ...] = eqx.field(static=True)
    species: tuple[int, ...] = eqx.field(static=True)
    kernels: int = eqx.field(static=True)
    frequencies: int = eqx.field(static=True)
    reach: float = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        species: Sequence[int] | None = None,
        kernels: int = 32,
        frequencies: int = 4,
        reach: float = 6.0,
        dtype: str = "float32",
    ):
        self.shape, self.kernels, self.frequencies = tuple(shape), kernels, frequencies
        self.reach, self.dtype = reach, dtype
        self.species = (0,) * self.shape[0] if species is None else tuple(species)
        if len(self.species) != self.shape[0]:
            raise ValueError(f"expected {self.shape[0]} species; found {len(self.species)}; give one per particle.")
        highest = max(self.species)
        classes = (highest + 1) * (highest + 2) // 2
        self.weight = jnp.zeros((classes, kernels, 2 + 2 * frequencies), jnp.dtype(dtype))

    def strengths(self, t: Float[Array, ""], d: Float[Array, " pairs"]) -> tuple[Array, Array]:
        """φ(d, t) and φ'(d, t) of every pair."""
        mu = jnp.linspace(0.0, self.reach, self.kernels, dtype=d.dtype)
        width = 1.5 * self.reach / (self.kernels - 1)
        u = (d[:, None] - mu[None]) / width
        g = jnp.exp(-0.5 * u * u)
        features = jnp.concatenate([jnp.ones(1, d.dtype), time_features(t.astype(d.dtype), self.frequencies)])
        coefficients = (self.weight @ features)[pair_classes(self.species)]
        return jnp.sum(coefficients * g, axis=1), jnp.sum(coefficients * (-u / width) * g, axis=1)

    def __call__(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """Σ_j (x_i - x_j) φ(d_ij, t)."""
        return self.with_divergence(t, x)[0]

    def with_divergence(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Moved:
        """v and 2 Σ_(i<j) [D φ + d φ']."""
        B, r = pair_differences(x)
        d = distances(r)
        phi, slope = self.strengths(t, d)
        return B @ (phi[:, None] * r), 2 * jnp.sum(x.shape[1] * phi + d * slope)
