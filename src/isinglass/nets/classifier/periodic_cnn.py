# SPDX-License-Identifier: Apache-2.0
"""Periodic convolutional network, f(x) = head(mean over sites of h_n(r)), h_{l+1} = f(W_l * h_l + b_l)."""

from collections.abc import Sequence
from math import prod
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.activation import activation_function
from isinglass.nets.layer.batch_norm import BatchNorm, Moments
from isinglass.nets.layer.periodic_conv import PeriodicConv

__all__ = ["PeriodicCNN"]


class PeriodicCNN(eqx.Module):
    """f(x) = W mean_r h_n(r) + b, h_{l+1} = f(W_l * h_l + b_l) with convolutions around the torus.

    Shape: x (in_channels, *lattice), or (*lattice) with one channel, of any number type; result (out,).
    Law: with pool="mean", f(x translated) = f(x) for every translation, and the same weights serve every lattice size.
    With pool=None the head is applied to all sites of `lattice`, in order: needed where the place matters.
    With batch norm, call it under `vmap(..., axis_name="batch")` while training.
    """

    convolutions: tuple[PeriodicConv, ...]
    norms: tuple[BatchNorm, ...]
    head: eqx.nn.Linear
    drop: eqx.nn.Dropout
    dimension: int = eqx.field(static=True)
    in_channels: int = eqx.field(static=True)
    channels: tuple[int, ...] = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    out: int = eqx.field(static=True)
    pool: str | None = eqx.field(static=True)
    lattice: tuple[int, ...] | None = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dropout: float = eqx.field(static=True)
    batch_norm: bool = eqx.field(static=True)
    algorithm: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        dimension: int = 2,
        in_channels: int = 1,
        channels: Sequence[int] = (32, 32),
        kernel: int = 3,
        out: int,
        pool: Literal["mean"] | None = "mean",
        lattice: Sequence[int] | None = None,
        activation: str = "relu",
        dropout: float = 0.0,
        batch_norm: bool = False,
        algorithm: Literal["auto", "matmul", "xla"] = "auto",
        dtype: str = "float32",
    ):
        if pool is None and lattice is None:
            raise ValueError("expected the lattice where pool=None; found none; give lattice=(Lx, Ly) or pool='mean'.")
        activation_function(activation)
        self.dimension, self.in_channels, self.channels, self.kernel = dimension, in_channels, tuple(channels), kernel
        self.out, self.pool, self.lattice = out, pool, None if lattice is None else tuple(lattice)
        self.activation, self.dropout, self.batch_norm = activation, dropout, batch_norm
        self.algorithm, self.dtype = algorithm, dtype
        widths = (in_channels, *self.channels)
        *keys, head_key = jax.random.split(key, len(widths))
        self.convolutions = tuple(
            PeriodicConv(dimension, n, m, key=k, kernel=kernel, algorithm=algorithm, dtype=dtype)
            for n, m, k in zip(widths[:-1], widths[1:], keys, strict=True)
        )
        self.norms = tuple(BatchNorm(m, dtype=jnp.dtype(dtype)) for m in self.channels) if batch_norm else ()
        features = widths[-1] * (prod(self.lattice or ()) if pool is None else 1)
        self.head = eqx.nn.Linear(features, out, dtype=jnp.dtype(dtype), key=head_key)
        self.drop = eqx.nn.Dropout(dropout)

    def forward(
        self, x: Real[Array, "..."], key: Key[Array, ""] | None = None
    ) -> tuple[Float[Array, " out"], tuple[Moments, ...]]:
        """f(x), and the moments that each batch norm used."""
        f = activation_function(self.activation)
        h = x[None] if x.ndim == self.dimension else x
        h, moments = jnp.moveaxis(h.astype(self.dtype), 0, -1), []
        for i, convolution in enumerate(self.convolutions):
            h = convolution(h)
            if self.batch_norm:
                h, used = self.norms[i](h)
                moments.append(used)
            h = f(h)
        features = h.ravel() if self.pool is None else h.mean(axis=tuple(range(self.dimension)))
        return self.head(self.drop(features, key=key)), tuple(moments)

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        """f(x); `key` is that of the dropout mask while training."""
        return self.forward(x, key)[0]

    def with_moments(self, moments: tuple[Moments, ...]) -> "PeriodicCNN":
        """The same network with these moments stored in its batch norms."""
        norms = tuple(norm.with_moments(used) for norm, used in zip(self.norms, moments, strict=True))
        return eqx.tree_at(lambda net: net.norms, self, norms)
