# SPDX-License-Identifier: Apache-2.0
"""A generator x = G(z) and the critic T(x) that it is trained against.

Ref: Goodfellow et al. 2014, arXiv:1406.2661.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractGenerator
from isinglass.nets.layer.mlp import MLP

__all__ = ["AdversarialPair", "Critic", "ImplicitGenerator"]


class ImplicitGenerator(AbstractGenerator):
    """x = G(z), z standard normal: a distribution that can be sampled, without a density.

    Shape: x (D,), z (latent,).
    """

    net: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    latent: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], in_shape: Sequence[int], latent: int = 2, hidden: Sequence[int] = (64, 64),
        activation: str = "silu",
    ):  # fmt: skip
        self.in_shape, self.latent, self.hidden, self.activation = tuple(in_shape), latent, tuple(hidden), activation
        self.net = MLP(key=key, in_shape=latent, hidden=self.hidden, out=self.in_shape[0], activation=activation)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.in_shape

    def draw(self, key: Key[Array, ""]) -> Float[Array, " D"]:
        return self.net(jax.random.normal(key, (self.latent,), self.net.dtype))


class Critic(eqx.Module):
    """T(x), one number for each x (D,): of a discriminator D(x) = 1/(1 + exp(-T)), ln p - ln q at its best."""

    net: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    activation: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        in_shape: Sequence[int],
        hidden: Sequence[int] = (64, 64),
        activation: str = "silu",
    ):
        self.in_shape, self.hidden, self.activation = tuple(in_shape), tuple(hidden), activation
        self.net = MLP(key=key, in_shape=self.in_shape, hidden=self.hidden, out=1, activation=activation)

    def __call__(self, x: Float[Array, " D"]) -> Float[Array, ""]:
        return self.net(x)[0]


class AdversarialPair(eqx.Module):
    """Both, to be trained together by `sampling.Adversarial`."""

    generator: ImplicitGenerator
    critic: Critic
