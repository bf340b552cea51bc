# SPDX-License-Identifier: Apache-2.0
"""A convolution, the mean over the lattice, a perceptron: one network for every lattice size."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.mlp import MLP
from isinglass.nets.periodic_conv import PeriodicConv

__all__ = ["PooledCNN"]


class PooledCNN(eqx.Module):
    """z(x) = MLP(mean over sites of ReLU(W * patch + b)): one periodic convolution, then the mean over the lattice.

    Shape: x (Lx, Ly) or (Lx, Ly, channels), result (1,).  One set of weights serves every lattice size.
    A nonlinear head is needed: a linear one after the mean can only add up local features, and |m| is not local.
    Law: z is unchanged by lattice translations.
    """

    convolution: PeriodicConv
    head: MLP
    channels: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    filters: int = eqx.field(static=True)
    hidden: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], channels: int = 1, kernel: int = 3, filters: int = 16, hidden: int = 32):
        key_convolution, key_head = jax.random.split(key)
        self.convolution = PeriodicConv(2, channels, filters, key=key_convolution, kernel=kernel)
        self.head = MLP(key=key_head, in_shape=filters, out=1, hidden=(hidden,))
        self.channels, self.kernel, self.filters, self.hidden = channels, kernel, filters, hidden

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " 1"]:
        """z(x); `key` is not used."""
        x = x.reshape(*x.shape[:2], -1).astype(jnp.float32)
        return self.head(jax.nn.relu(self.convolution(x)).mean(axis=(0, 1)))
