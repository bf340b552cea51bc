# SPDX-License-Identifier: Apache-2.0
"""Variational autoencoder, log p(x) >= E_q(z|x)[log p(x|z)] - KL(q(z|x) | N(0, 1)), for spins x = ±1."""

from collections.abc import Sequence
from functools import partial
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP

__all__ = ["VAE"]


class VAE(eqx.Module):
    """q(z given x) = N(mu(x), sigma(x)^2), p(x given z) = prod_i sigmoid(x_i l_i(z)): Gaussian latent, Bernoulli spins.

    Shape: x in_shape with values ±1, z (latent,).
    Law: elbo(x) <= log p(x), so sum over all x of exp(E elbo) <= 1.  Ref: Kingma and Welling 2013, arXiv:1312.6114.
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
        self.encoder = kind(key=encoder_key, in_shape=in_shape, hidden=hidden, out=2 * latent)
        self.decoder = kind(key=decoder_key, in_shape=latent, hidden=self.hidden[::-1], out=prod(in_shape))

    def posterior(self, x: Real[Array, "..."]) -> tuple[Float[Array, " latent"], Float[Array, " latent"]]:
        """mu(x) and log sigma(x)."""
        h = self.encoder(x)
        return h[: self.latent], h[self.latent :]

    def encode(self, x: Real[Array, "..."]) -> Float[Array, " latent"]:
        """The latent mean mu(x)."""
        return self.posterior(x)[0]

    def decode(self, z: Float[Array, " latent"]) -> Float[Array, "..."]:
        """Mean spin at each site, tanh(l/2) = 2 sigmoid(l) - 1."""
        return jnp.tanh(self.decoder(z) / 2).reshape(self.in_shape)

    def elbo(self, key: Key[Array, ""], x: Real[Array, "..."]) -> Float[Array, ""]:
        """One-sample estimate of E_q[log p(x|z)] - KL(q | N(0, 1))."""
        mu, log_sigma = self.posterior(x)
        sigma = jnp.exp(log_sigma)
        z = mu + sigma * jax.random.normal(key, mu.shape, mu.dtype)
        logits = self.decoder(z)
        log_likelihood = jax.nn.log_sigmoid(x.ravel().astype(logits.dtype) * logits).sum()
        kl = (0.5 * (mu**2 + sigma**2 - 1) - log_sigma).sum()
        return log_likelihood - kl

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, "..."]:
        """The mean spin decoded from mu(x)."""
        del key
        return self.decode(self.encode(x))
