# SPDX-License-Identifier: Apache-2.0
"""A convolution, the mean over the lattice, a perceptron: one network for every lattice size."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.periodic_conv import PeriodicConv

__all__ = ["PooledCNN"]


class PooledCNN(eqx.Module):
    """z(x) = MLP(mean over sites of f(W * patch + b)): one periodic convolution, then the mean over the lattice.

    Shape: x (Lx, Ly) or (Lx, Ly, channels), result (1,).  One set of weights serves every lattice size.
    A nonlinear head is needed: a linear one after the mean can only add up local features, and |m| is not local.
    f = ReLU; with `odd`, f = tanh and b = 0, so that the means are odd in x: they can be the magnetization but not the
    energy, whose fluctuations would spoil the scaling of z.  Law: z is unchanged by lattice translations.
    """

    convolution: PeriodicConv
    head: MLP
    channels: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    filters: int = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    odd: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        channels: int = 1,
        kernel: int = 3,
        filters: int = 16,
        hidden: int = 32,
        odd: bool = False,
    ):
        key_convolution, key_head = jax.random.split(key)
        self.convolution = PeriodicConv(2, channels, filters, key=key_convolution, kernel=kernel)
        self.head = MLP(key=key_head, in_shape=filters, out=1, hidden=(hidden,))
        self.channels, self.kernel, self.filters, self.hidden = channels, kernel, filters, hidden
        self.odd = odd

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " 1"]:
        """z(x); `key` is not used."""
        x = x.reshape(*x.shape[:2], -1).astype(jnp.float32)
        y = self.convolution(x)
        y = jnp.tanh(y - jnp.broadcast_to(self.convolution.bias, y.shape)) if self.odd else jax.nn.relu(y)
        return self.head(y.mean(axis=(0, 1)))
