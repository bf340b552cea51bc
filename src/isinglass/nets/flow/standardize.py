# SPDX-License-Identifier: Apache-2.0
"""A density in the units of the data: x = center + width z, with exact log-determinant, so that networks see numbers
of order one whatever the user's scale is.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.nets.density import AbstractDensity
from isinglass.nets.flow.flow import AbstractBijection, Flow, Mapped

__all__ = ["Standardize", "on_scale_of"]

FAR, WIDE = 3.0, 3.0  # widths off the center, and ratio of widths, from which a network is moved to the data


class Standardize(AbstractBijection):
    """x_i = m_i + σ_i z_i, ln|det dx/dz| = Σ_i ln σ_i; m and σ are data, not trained.

    Law: z has mean 0 and variance 1 where x has mean m and variance σ².
    """

    center: Float[Array, "*site"]
    width: Float[Array, "*site"]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.center.shape

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        center, width = (jax.lax.stop_gradient(a).astype(z.dtype) for a in (self.center, self.width))
        return center + width * z, jnp.sum(jnp.log(width))

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        center, width = (jax.lax.stop_gradient(a).astype(x.dtype) for a in (self.center, self.width))
        return (x - center) / width, -jnp.sum(jnp.log(width))


def on_scale_of(model: AbstractDensity, z: Float[Array, "k *site"], x: Float[Array, "n *site"]) -> AbstractDensity:
    """The density moved to samples x where its own samples z lie elsewhere: 3 widths off, or 3 times as wide or narrow.

    A vector is moved coordinate by coordinate, a lattice as a whole, so that symmetries of its network stay; one that
    lies there already, or is trained, is left as it is.
    """
    axes = None if x.ndim > 2 else 0
    place = lambda a: (jnp.mean(a, axis=axes), jnp.maximum(jnp.std(a, axis=axes), 1e-30))  # noqa: E731
    (m, s), (center, width) = (place(a.astype(float)) for a in (z, x))
    off, ratio = jnp.abs(m - center) / jnp.maximum(s, width), width / s
    if not (jnp.any(off > FAR) | jnp.any(ratio > WIDE) | jnp.any(ratio < 1 / WIDE)):
        return model
    whole = lambda a: jnp.broadcast_to(a, x.shape[1:]).astype(jnp.float32)  # noqa: E731
    return Flow(model, Standardize(whole(center - m * ratio), whole(ratio)))
