# SPDX-License-Identifier: Apache-2.0
"""Actnorm, x_c(r) = exp(s_c) z_c(r) + t_c: one scale and one shift for each channel.

Ref: Kingma and Dhariwal 2018, arXiv:1807.03039.
"""

from collections.abc import Callable, Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.nets.flow.flow import AbstractBijection, Mapped
from isinglass.nets.layer.squeeze import coarse_shape, squeeze, unsqueeze

__all__ = ["ActNorm", "natural_scale"]


class ActNorm(AbstractBijection):
    """x = exp(s_c) z + t_c, ln|det| = N/C Σ_c s_c.

    The C channels are the places in a block of `block` sites along every axis; 1: one scale for the whole lattice.
    Law: without `shift`, commutes with z -> -z; with block = 1 commutes with every translation, else with those by
    whole blocks.  Begins at the identity; start it where the data are (`of_data`) or where the energy wants it
    (`of_scale(natural_scale(...))`).
    """

    log_scale: Float[Array, " channels"]
    offset: Float[Array, " channels"] | None
    shape: tuple[int, ...] = eqx.field(static=True)
    block: int = eqx.field(static=True)
    shift: bool = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int], block: int = 1, shift: bool = True):
        coarse_shape(tuple(shape), block)
        self.shape, self.block, self.shift = tuple(shape), block, shift
        self.log_scale = jnp.zeros(block ** len(self.shape), jnp.float32)
        self.offset = jnp.zeros_like(self.log_scale) if shift else None

    def of_scale(self, scale: float | Float[Array, ""]) -> "ActNorm":
        """The same with exp(s) = `scale` in all channels."""
        s = jnp.full_like(self.log_scale, jnp.log(jnp.asarray(scale, self.log_scale.dtype)))
        return eqx.tree_at(lambda layer: layer.log_scale, self, s)

    def of_data(self, x: Float[Array, "n *site"]) -> "ActNorm":
        """The same with mean and deviation of the data in each channel: z is then of mean 0 and variance 1."""
        y = jax.vmap(lambda one: squeeze(one, self.block))(x).reshape(-1, self.block ** len(self.shape))
        mean = jnp.mean(y, axis=0) if self.shift else jnp.zeros_like(y[0])
        s = 0.5 * jnp.log(jnp.mean((y - mean[None]) ** 2, axis=0))
        made = eqx.tree_at(lambda layer: layer.log_scale, self, s.astype(self.log_scale.dtype))
        return eqx.tree_at(lambda layer: layer.offset, made, mean.astype(s.dtype)) if self.shift else made

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        y = squeeze(z, self.block)
        y = y * jnp.broadcast_to(jnp.exp(self.log_scale), y.shape)
        y = y if self.offset is None else y + jnp.broadcast_to(self.offset, y.shape)
        return unsqueeze(y, self.block), self.log_det(z)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        y = squeeze(x, self.block)
        y = y if self.offset is None else y - jnp.broadcast_to(self.offset, y.shape)
        y = y * jnp.broadcast_to(jnp.exp(-self.log_scale), y.shape)
        return unsqueeze(y, self.block), -self.log_det(x)

    def log_det(self, z: Float[Array, "*site"]) -> Float[Array, ""]:
        """ln|det dx/dz| = N/C Σ_c s_c."""
        return jnp.sum(self.log_scale) * (z.size // self.log_scale.size)


def natural_scale(log_weight: Callable, z: Float[Array, "n *site"]) -> Float[Array, ""]:
    """The c of the density of c z that is closest to p, by reverse KL: the maximum of <ln w(c z)> + N ln c.

    z: samples of the layers before; w = exp(-beta E).  Searched on 200 values from 1e-3 to 1e3, one part in 30 apart.
    """
    c = jnp.geomspace(1e-3, 1e3, 200)
    z, N = z.astype(c.dtype), z[0].size
    gain = jax.lax.map(lambda c: jnp.mean(jax.vmap(log_weight)(c * z)) + N * jnp.log(c), c)
    return c[jnp.argmax(jnp.where(jnp.isfinite(gain), gain, -jnp.inf))]
