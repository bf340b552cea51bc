# SPDX-License-Identifier: Apache-2.0
"""Batch normalization, y = scale (x - mean) / sqrt(variance + epsilon) + shift."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["BatchNorm", "Moments"]

Moments = tuple[Float[Array, " _"], Float[Array, " _"]]  # mean, variance


class BatchNorm(eqx.Module):
    """y = scale (x - mean) / sqrt(variance + epsilon) + shift, channels last.

    While training, mean and variance are those of the batch, taken over the axis that the caller's `vmap` names "batch"
    and over all lattice sites; in inference they are the stored ones, which `training.fit` measures on training data
    with the finished weights rather than accumulating them along the way (no hidden state: a step stays pure).
    Law: mean 0, variance 1 before scale and shift; f(a W) = f(W) for the weights W before it; gradient perpendicular
    to W.  Ref: Ioffe and Szegedy 2015, arXiv:1502.03167; measured statistics: Wu and Johnson 2021, arXiv:2105.07576.
    """

    scale: Float[Array, " channels"]
    shift: Float[Array, " channels"]
    mean: Float[Array, " channels"]
    variance: Float[Array, " channels"]
    channels: int = eqx.field(static=True)
    epsilon: float = eqx.field(static=True)
    inference: bool

    def __init__(self, channels: int, *, epsilon: float = 1e-5, dtype=jnp.float32, inference: bool = False):
        self.scale, self.variance = jnp.ones(channels, dtype), jnp.ones(channels, dtype)
        self.shift, self.mean = jnp.zeros(channels, dtype), jnp.zeros(channels, dtype)
        self.channels, self.epsilon, self.inference = channels, epsilon, inference

    def moments(self, x: Float[Array, "*lattice channels"]) -> Moments:
        """Mean and variance of the batch while training, the stored ones in inference."""
        if self.inference:
            return jax.lax.stop_gradient((self.mean, self.variance))
        lattice = tuple(range(x.ndim - 1))
        mean = jax.lax.pmean(x.mean(axis=lattice), "batch")
        deviation = x - jnp.broadcast_to(mean, x.shape)
        return mean, jax.lax.pmean((deviation**2).mean(axis=lattice), "batch")

    def __call__(self, x: Float[Array, "*lattice channels"]) -> tuple[Float[Array, "*lattice channels"], Moments]:
        """The normalized values, and the moments that were used."""
        mean, variance = moments = self.moments(x)
        slope = self.scale / jnp.sqrt(variance + self.epsilon)
        offset = self.shift - mean * slope
        return x * jnp.broadcast_to(slope, x.shape) + jnp.broadcast_to(offset, x.shape), moments

    def with_moments(self, moments: Moments) -> "BatchNorm":
        """The same layer with these stored mean and variance."""
        return eqx.tree_at(lambda layer: (layer.mean, layer.variance), self, moments)
