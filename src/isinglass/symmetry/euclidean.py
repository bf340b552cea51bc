# SPDX-License-Identifier: Apache-2.0
"""The Euclidean group E(d) and its parts: rotations, reflections and translations of points, vectors and tensors."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["Euclidean", "EuclideanTensors", "EuclideanVectors", "random_orthogonal"]


def random_orthogonal(key, d: int, *, reflections: bool = True) -> Float[Array, "d d"]:
    """R uniform over O(d), or over SO(d): the orthogonal part of a normal matrix.

    Ref: Stewart 1980, doi:10.1137/0717034.
    """
    q, r = jnp.linalg.qr(jax.random.normal(key, (d, d)))
    q = q * jnp.sign(jnp.diagonal(r))[None]
    return q if reflections else q.at[:, 0].multiply(jnp.sign(jnp.linalg.det(q)))


@dataclass(frozen=True)
class Euclidean(AbstractSymmetry):
    """x_i -> R x_i + a of points x [..., d]: E(d); without reflections SE(d); without translations O(d) and SO(d)."""

    dimension: int = 3
    reflections: bool = True
    translations: bool = True

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R uniform, a ~ N(0, 1) along each axis."""
        x = EuclideanVectors(self.dimension, self.reflections).act(key, x)
        if not self.translations:
            return x
        a = jax.random.normal(jax.random.fold_in(key, 1), (self.dimension,))
        return x + jnp.broadcast_to(a.astype(x.dtype), x.shape)

    def actions(self) -> dict[str, AbstractSymmetry]:
        """On vectors, such as forces; on tensors of rank 2, such as stresses; on what a reflection reverses."""
        of = self.dimension, self.reflections
        return {"vector": EuclideanVectors(*of), "tensor": EuclideanTensors(*of),
                "pseudovector": EuclideanVectors(*of, pseudo=True)}  # fmt: skip


@dataclass(frozen=True)
class EuclideanVectors(AbstractSymmetry):
    """v -> R v of v [..., d]; of pseudovectors det(R) R v, as of an angular momentum."""

    dimension: int = 3
    reflections: bool = True
    pseudo: bool = False

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        R = random_orthogonal(key, self.dimension, reflections=self.reflections)
        R = R * jnp.linalg.det(R) if self.pseudo else R
        return x @ R.T.astype(x.dtype)


@dataclass(frozen=True)
class EuclideanTensors(AbstractSymmetry):
    """T -> R T Rᵀ of T [..., d, d]."""

    dimension: int = 3
    reflections: bool = True

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        R = random_orthogonal(key, self.dimension, reflections=self.reflections).astype(x.dtype)
        return R @ x @ R.T
