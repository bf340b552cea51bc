# SPDX-License-Identifier: Apache-2.0
"""Invariants of rotations, angles and torsions; and random rotations."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

__all__ = ["angle", "dihedral", "random_rotation", "unit"]


def angle(a: Float[Array, "3 m"], b: Float[Array, "3 m"]) -> Float[Array, " m"]:
    """The angle between two vectors, 0 to π."""
    normal = jnp.sum(jnp.cross(a, b, axis=0) ** 2, axis=0)
    return jnp.arctan2(jnp.sqrt(normal + jnp.finfo(normal.dtype).tiny), jnp.sum(a * b, axis=0))


def dihedral(first: Float[Array, "3 m"], axis: Float[Array, "3 m"], last: Float[Array, "3 m"]) -> Float[Array, " m"]:
    """φ in (-π, π], the angle from the first bond to the last about the middle one, clockwise positive along it.

    Law: 0 for cis, π for trans, odd under reflection (IUPAC).
    """
    m, n = jnp.cross(first, axis, axis=0), jnp.cross(axis, last, axis=0)
    along = jnp.sqrt(jnp.sum(axis**2, axis=0))
    return jnp.arctan2(along * jnp.sum(first * n, axis=0), jnp.sum(m * n, axis=0))


def unit(a: Float[Array, "... d"]) -> Float[Array, "... d"]:
    """Unit vector a/|a|, along the last axis."""
    return a / jnp.sqrt(jnp.sum(a * a, axis=-1, keepdims=True))


def random_rotation(key: Key[Array, ""]) -> Float[Array, "3 3"]:
    """Uniform over all rotations, by a normal quaternion.  Ref: Shoemake 1992, Graphics Gems III."""
    w, x, y, z = unit(jax.random.normal(key, (4,)))
    return jnp.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
