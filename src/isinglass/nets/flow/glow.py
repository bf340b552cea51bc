# SPDX-License-Identifier: Apache-2.0
"""Glow on a lattice: actnorm, invertible 1x1 convolution and channel coupling, repeated.

The channels are the 2^d places in blocks of 2^d sites.  Ref: Kingma and Dhariwal 2018, arXiv:1807.03039.
"""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import ActNorm
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Mapped, stack
from isinglass.nets.layer.conditioner import Head
from isinglass.nets.layer.periodic_conv import convolve_by_matmul
from isinglass.nets.layer.squeeze import coarse_shape, squeeze, unsqueeze

__all__ = ["BLOCK", "ChannelCoupling", "InvertibleConvolution", "glow"]

BLOCK = 2  # sites of a block along every axis


class InvertibleConvolution(AbstractBijection):
    """x(r) = W z(r) at every block r, W = P L (U + diag(σ exp(s))), ln|det| = N/C Σ s.

    P a fixed permutation, L lower triangular with ones, U upper triangular, σ fixed signs: those of a random rotation
    at first.  Law: linear, so that f(-z) = -f(z); commutes with translations by whole blocks.
    """

    permutation: Int[Array, " C"]
    sign: Int[Array, " C"]
    log_scale: Float[Array, " C"]
    lower: Float[Array, " below"]  # the entries of L below its diagonal, row by row
    upper: Float[Array, " above"]  # the entries of U above its diagonal, row by row
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], shape: Sequence[int]):
        self.shape = tuple(shape)
        coarse_shape(self.shape, BLOCK)
        C = BLOCK ** len(self.shape)
        rotation, _ = jnp.linalg.qr(jax.random.normal(key, (C, C), jnp.float32))
        P, L, U = jax.scipy.linalg.lu(rotation)
        self.permutation = jnp.argmax(P, axis=1).astype(jnp.int32)
        self.sign = jnp.sign(jnp.diag(U)).astype(jnp.int8)
        self.log_scale = jnp.log(jnp.abs(jnp.diag(U)))
        self.lower, self.upper = L[np.tril_indices(C, -1)], U[np.triu_indices(C, 1)]

    def matrix(self) -> Float[Array, "C C"]:
        """W = P L (U + diag(σ exp(s)))."""
        C, dtype = self.log_scale.size, self.log_scale.dtype
        L = jnp.eye(C, dtype=dtype).at[np.tril_indices(C, -1)].set(self.lower)
        U = jnp.diag(self.sign.astype(dtype) * jnp.exp(self.log_scale)).at[np.triu_indices(C, 1)].set(self.upper)
        return (L @ U)[self.permutation]

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """W at every block."""
        return self.mixed(z, self.matrix()), self.log_det(z)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """W⁻¹ at every block."""
        return self.mixed(x, jnp.linalg.inv(self.matrix())), -self.log_det(x)

    def mixed(self, z: Float[Array, "*site"], W: Float[Array, "C C"]) -> Float[Array, "*site"]:
        """W z(r) at every block r."""
        return unsqueeze(squeeze(z, BLOCK) @ W.T, BLOCK)

    def log_det(self, z: Float[Array, "*site"]) -> Float[Array, ""]:
        """ln|det dx/dz| = N/C Σ s."""
        return jnp.sum(self.log_scale) * (z.size // self.log_scale.size)


class ChannelCoupling(AbstractBijection):
    """x_b = z_b exp(s(z_a)) + t(z_a), a and b the first and the second half of the channels.

    s and t by a periodic convolution over the blocks, tanh, and 1x1 layers; |s| <= 2.
    Law: with z2, f(-z) = -f(z) exactly; commutes with translations by whole blocks.
    """

    weight: Float[Array, "*kernel still hidden"]
    bias: Float[Array, " hidden"] | None
    even: Head
    odd: Head
    shape: tuple[int, ...] = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    z2: bool = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], shape: Sequence[int], hidden: int = 32, kernel: int = 3, z2: bool = False
    ):
        self.shape, self.hidden, self.kernel, self.z2 = tuple(shape), hidden, kernel, z2
        d, half = len(self.shape), BLOCK ** len(self.shape) // 2
        size = (kernel,) * d + (half, hidden)
        self.weight = jax.random.normal(key, size, jnp.float32) / jnp.sqrt(jnp.float32(prod(size[:-1])))
        self.bias = None if z2 else jnp.zeros(hidden, jnp.float32)
        self.even, self.odd = Head(hidden, half, odd=False), Head(hidden, half, odd=z2)

    def scale_and_shift(self, still: Float[Array, "*coarse half"]):
        """s = 2 tanh(s'/2) and t of the second half of the channels, from the first."""
        h = convolve_by_matmul(self.weight, still)
        h = jnp.tanh(h if self.bias is None else h + jnp.broadcast_to(self.bias, h.shape))
        return 2 * jnp.tanh(self.even(h * h if self.z2 else h) / 2), self.odd(h)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """Scale and shift half of the channels."""
        still, moved = jnp.split(squeeze(z, BLOCK), 2, axis=-1)
        s, t = self.scale_and_shift(still)
        return unsqueeze(jnp.concatenate([still, moved * jnp.exp(s) + t], axis=-1), BLOCK), jnp.sum(s)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """Shift and scale them back."""
        still, moved = jnp.split(squeeze(x, BLOCK), 2, axis=-1)
        s, t = self.scale_and_shift(still)
        return unsqueeze(jnp.concatenate([still, (moved - t) * jnp.exp(-s)], axis=-1), BLOCK), -jnp.sum(s)


def glow(
    key: Key[Array, ""], shape: Sequence[int], *, steps: int = 8, hidden: int = 32, kernel: int = 3, z2: bool = True
) -> Flow:
    """`steps` times actnorm, 1x1 convolution, coupling, on a standard normal.  Needs even sides."""

    def step(key: Key[Array, ""]) -> Composition:
        mix, couple = jax.random.split(key)
        return Composition(
            (
                ChannelCoupling(key=couple, shape=shape, hidden=hidden, kernel=kernel, z2=z2),
                InvertibleConvolution(key=mix, shape=shape),
                ActNorm(shape=shape, block=BLOCK, shift=not z2),
            )
        )

    return Flow(StandardNormal(tuple(shape)), stack(key, steps, step))
