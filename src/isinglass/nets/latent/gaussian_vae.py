# SPDX-License-Identifier: Apache-2.0
"""Variational autoencoder of real numbers, ln p(x) ≥ <ln p(x|z)>_q - KL(q(z|x) | N(0, 1)).

Refs: Kingma and Welling 2013, arXiv:1312.6114; bound of k samples: Burda et al. 2015, arXiv:1509.00519.
"""

from collections.abc import Sequence
from functools import partial
from math import log, pi

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractGenerator
from isinglass.nets.layer.mlp import MLP

__all__ = ["GaussianVAE"]

LN_2PI = log(2 * pi)


class GaussianVAE(AbstractGenerator):
    """p(x) = ∫ N(z; 0, 1) N(x; f(z), σ²) dz, and q(z|x) = N(m(x), diag s(x)²); f, m, ln s by perceptrons, σ trained.

    Shape: x (D,), z (latent,).  Without hidden layers f and m are linear: probabilistic principal components.
    Law: <elbo> ≤ <bound of k samples> ≤ ln p(x), the second growing with k; equal where q is the posterior.
    """

    encoder: MLP
    decoder: MLP
    log_noise: Float[Array, ""]  # ln σ
    in_shape: tuple[int, ...] = eqx.field(static=True)
    latent: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], in_shape: Sequence[int], latent: int = 2, hidden: Sequence[int] = (64, 64),
        activation: str = "silu", dtype: str = "float32",
    ):  # fmt: skip
        self.in_shape, self.latent, self.hidden = tuple(in_shape), latent, tuple(hidden)
        self.activation, self.dtype = activation, dtype
        encoder_key, decoder_key = jax.random.split(key)
        kind, D = partial(MLP, activation=activation, dtype=dtype), self.in_shape[0]
        self.encoder = kind(key=encoder_key, in_shape=D, hidden=self.hidden, out=2 * latent)
        self.decoder = kind(key=decoder_key, in_shape=latent, hidden=self.hidden[::-1], out=D)
        self.log_noise = jnp.asarray(-0.5, dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.in_shape

    def posterior(self, x: Float[Array, " D"]) -> tuple[Float[Array, " latent"], Float[Array, " latent"]]:
        """m(x) and ln s(x)."""
        h = self.encoder(x)
        return h[: self.latent], h[self.latent :]

    def divergences(self, x: Float[Array, " D"]) -> Float[Array, " latent"]:
        """KL(q(z_j|x) | N(0, 1)) = ½ (m_j² + s_j² - 1) - ln s_j of each latent.  Law: 0 where q is the prior."""
        m, log_s = self.posterior(x)
        return 0.5 * (m**2 + jnp.exp(2 * log_s) - 1) - log_s

    def log_likelihood(self, x: Float[Array, " D"], z: Float[Array, " latent"]) -> Float[Array, ""]:
        """ln p(x|z) = -½ |x - f(z)|²/σ² - D (ln σ + ½ ln 2π)."""
        off = (x.astype(self.dtype) - self.decoder(z)) * jnp.exp(-self.log_noise)
        return -0.5 * jnp.sum(off**2) - x.size * (self.log_noise + 0.5 * LN_2PI)

    def sampled_latent(self, key: Key[Array, ""], x: Float[Array, " D"]) -> tuple[Float[Array, " latent"], ...]:
        """z = m + s ε, and ε."""
        m, log_s = self.posterior(x)
        epsilon = jax.random.normal(key, m.shape, m.dtype)
        return m + jnp.exp(log_s) * epsilon, epsilon

    def elbo(self, key: Key[Array, ""], x: Float[Array, " D"], beta: float = 1.0) -> Float[Array, ""]:
        """<ln p(x|z)> - β KL, the first by one sample of q(z|x); without hidden layers in closed form."""
        kl = jnp.sum(self.divergences(x))
        if self.hidden:
            return self.log_likelihood(x, self.sampled_latent(key, x)[0]) - beta * kl
        m, log_s = self.posterior(x)
        W = self.decoder.layers[0].weight
        spread = jnp.sum(jnp.exp(2 * log_s) * jnp.sum(W**2, axis=0))  # <|f(z) - f(m)|²>
        return self.log_likelihood(x, m) - 0.5 * spread * jnp.exp(-2 * self.log_noise) - beta * kl

    def log_weight(self, key: Key[Array, ""], x: Float[Array, " D"]) -> Float[Array, ""]:
        """ln p(x|z) + ln N(z; 0, 1) - ln q(z|x) of one z ~ q(z|x).  Law: <exp> = p(x)."""
        z, epsilon = self.sampled_latent(key, x)
        return self.log_likelihood(x, z) + jnp.sum(0.5 * (epsilon**2 - z**2) + self.posterior(x)[1])

    def bound(self, key: Key[Array, ""], x: Float[Array, " D"], k: int) -> Float[Array, ""]:
        """ln (1/k) Σ_i w_i over k samples of q(z|x): a lower bound of ln p(x) in the mean, closer for larger k."""
        return jax.nn.logsumexp(jax.vmap(self.log_weight, in_axes=(0, None))(jax.random.split(key, k), x)) - log(k)

    def log_prob_by_quadrature(self, x: Float[Array, " D"], nodes: int = 241, reach: float = 6.0) -> Float[Array, ""]:
        """ln p(x) by the trapezoidal rule on `nodes` values of each latent; for one or two of them.

        Resolution: σ/|f'| above two steps.
        """
        line = jnp.linspace(-reach, reach, nodes, dtype=self.dtype)
        z = jnp.stack(jnp.meshgrid(*[line] * self.latent, indexing="ij"), axis=-1).reshape(-1, self.latent)
        log_prior = -0.5 * jnp.sum(z**2, axis=1) - 0.5 * self.latent * LN_2PI
        log_p = jax.vmap(self.log_likelihood, in_axes=(None, 0))(x, z)
        return jax.nn.logsumexp(log_prior + log_p) + self.latent * jnp.log(line[1] - line[0])

    def decode(self, z: Float[Array, " latent"]) -> Float[Array, " D"]:
        """The mean f(z)."""
        return self.decoder(z)

    def draw(self, key: Key[Array, ""]) -> Float[Array, " D"]:
        """x = f(z) + σ ξ."""
        key_z, key_x = jax.random.split(key)
        mean = self.decoder(jax.random.normal(key_z, (self.latent,), self.dtype))
        return mean + jnp.exp(self.log_noise) * jax.random.normal(key_x, mean.shape, mean.dtype)
