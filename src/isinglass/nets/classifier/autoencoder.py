# SPDX-License-Identifier: Apache-2.0
"""Autoencoder, x -> z = encode(x) -> decode(z), z of one or two numbers."""

from collections.abc import Sequence
from functools import partial
from math import prod

import equinox as eqx
import jax
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP

__all__ = ["Autoencoder"]


class Autoencoder(eqx.Module):
    """decode(encode(x)): two perceptrons, mirror images, with `latent` numbers between.

    Shape: x in_shape, z (latent,), result in_shape.
    Law: with no hidden layer (or activation "identity") the best it can do is the PCA error, sum of the discarded
    eigenvalues of the covariance.  Ref: Baldi and Hornik 1989, doi:10.1016/0893-6080(89)90014-2.
    """

    encoder: MLP
    decoder: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    latent: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        in_shape: Sequence[int],
        latent: int = 1,
        hidden: Sequence[int] = (64,),
        activation: str = "relu",
        dtype: str = "float32",
    ):
        self.in_shape, self.latent, self.hidden = tuple(in_shape), latent, tuple(hidden)
        self.activation, self.dtype = activation, dtype
        encoder_key, decoder_key = jax.random.split(key)
        kind = partial(MLP, activation=activation, dtype=dtype)
        self.encoder = kind(key=encoder_key, in_shape=in_shape, hidden=hidden, out=latent)
        self.decoder = kind(key=decoder_key, in_shape=latent, hidden=self.hidden[::-1], out=prod(in_shape))

    def encode(self, x: Real[Array, "..."]) -> Float[Array, " latent"]:
        """The latent variables z = encoder(x) of one configuration."""
        return self.encoder(x)

    def decode(self, z: Float[Array, " latent"]) -> Float[Array, "..."]:
        """The reconstruction decoder(z), of shape in_shape."""
        return self.decoder(z).reshape(self.in_shape)

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, "..."]:
        """decode(encode(x)): train it by MeanSquare on (x, x)."""
        del key
        return self.decode(self.encode(x))
