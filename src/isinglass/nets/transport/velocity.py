# SPDX-License-Identifier: Apache-2.0
"""Velocity fields v(t, x) and their divergence ∇·v = tr ∂v/∂x: what moves a continuous flow."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.mlp import MLP

__all__ = ["AbstractVelocity", "DenseVelocity", "divergence_estimate", "exact_divergence", "time_features"]

Moved = tuple[Float[Array, "*site"], Float[Array, ""]]


class AbstractVelocity(eqx.Module):
    """v(t, x) for t from 0 (base) to 1 (target), x of shape `shape`."""

    if TYPE_CHECKING:  # a field or a property of every subclass

        @property
        def shape(self) -> tuple[int, ...]:
            """Shape of one configuration."""
            ...

    else:
        shape: eqx.AbstractVar[tuple[int, ...]]

    @abstractmethod
    def __call__(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """v(t, x), of the shape of x."""

    @abstractmethod
    def with_divergence(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Moved:
        """v and ∇·v, exactly."""


def exact_divergence(v: Callable, x: Float[Array, "*site"]) -> Moved:
    """v(x) and Σ_i ∂v_i/∂x_i, by one forward derivative for each of the N directions.  Cost: N + 1 times that of v."""
    value, push = jax.linearize(lambda flat: v(flat.reshape(x.shape)).ravel(), x.ravel())
    return value.reshape(x.shape), jnp.trace(jax.vmap(push)(jnp.eye(x.size, dtype=x.dtype)))


def divergence_estimate(key: Key[Array, ""], v: Callable, x: Float[Array, "*site"], probes: int) -> Moved:
    """v(x) and (1/n) Σ_k ε_k · J ε_k, ε = ±1 at random.  Law: the mean over ε is ∇·v.

    Cost: n + 1 times that of v.  Ref: Hutchinson 1989, doi:10.1080/03610918908812806; Grathwohl et al. 2018,
    arXiv:1810.01367.
    """
    value, push = jax.linearize(v, x)
    signs = jax.random.rademacher(key, (probes, *x.shape), x.dtype)
    return value, jnp.mean(jax.vmap(lambda e: jnp.sum(e * push(e)))(signs))


def time_features(t: Float[Array, ""], frequencies: int) -> Float[Array, " features"]:
    """t and cos πkt, sin πkt for k = 1 ... `frequencies`."""
    k = jnp.arange(1, frequencies + 1, dtype=t.dtype)
    angle = jnp.asarray(jnp.pi, t.dtype) * k * t
    return jnp.concatenate([t[None], jnp.cos(angle), jnp.sin(angle)])


class DenseVelocity(AbstractVelocity):
    """v(t, x) = W_n f(... f(W_1 [x, t, cos πkt, sin πkt] + b_1) ...) + b_n: no symmetry.

    The last layer is `gain` times what a network begins with: small, so that the flow begins near the identity.
    Cost of the divergence: N + 1 times that of v.
    """

    mlp: MLP
    shape: tuple[int, ...] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    frequencies: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    gain: float = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        hidden: Sequence[int] = (64, 64, 64),
        frequencies: int = 2,
        activation: str = "silu",
        gain: float = 0.1,
        dtype: str = "float32",
    ):
        self.shape, self.hidden, self.frequencies = tuple(shape), tuple(hidden), frequencies
        self.activation, self.gain, self.dtype = activation, gain, dtype
        N = prod(self.shape)
        settings: dict[str, Any] = {"hidden": self.hidden, "activation": activation, "dtype": dtype}
        mlp = MLP(key=key, in_shape=N + 1 + 2 * frequencies, out=N, **settings)
        self.mlp = eqx.tree_at(lambda m: (m.layers[-1].weight, m.layers[-1].bias), mlp, replace_fn=lambda w: gain * w)

    def __call__(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """The network of x and the features of t."""
        features = time_features(t.astype(x.dtype), self.frequencies)
        return self.mlp(jnp.concatenate([x.ravel(), features])).reshape(x.shape)

    def with_divergence(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Moved:
        return exact_divergence(lambda x: self(t, x), x)
