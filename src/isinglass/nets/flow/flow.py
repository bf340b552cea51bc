# SPDX-License-Identifier: Apache-2.0
"""Normalizing flow, ln q(x) = ln q_0(z) - ln|det dx/dz|, x = f(z): a simple density transported by a bijection.

One configuration at a time.  Ref: Rezende and Mohamed 2015, arXiv:1505.05770.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity

__all__ = ["AbstractBijection", "Composition", "Flow", "Inverted", "Stacked", "number_type", "stack"]

WRITTEN_OUT = 8  # layers; a loop copies what its backward pass needs, which takes half of the time of a training step
Mapped = tuple[Float[Array, "*site"], Float[Array, ""]]


class AbstractBijection(eqx.Module):
    """x = f(z), one to one, both of shape `shape`.  Law: inverse(forward(z)) = z, and the log-determinants cancel."""

    if TYPE_CHECKING:  # a field or a property of every subclass

        @property
        def shape(self) -> tuple[int, ...]:
            """Shape of x and of z."""
            ...

    else:
        shape: eqx.AbstractVar[tuple[int, ...]]

    @abstractmethod
    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """x = f(z) and ln|det dx/dz|."""

    @abstractmethod
    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """z = f⁻¹(x) and ln|det dz/dx|."""


class Composition(AbstractBijection):
    """f = f_n ∘ ... ∘ f_1, the first of `parts` acting first on z; the log-determinants add up."""

    parts: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.parts[0].shape

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """z through f_1, ..., f_n."""
        total = jnp.zeros((), z.dtype)
        for part in self.parts:
            z, log_det = part.forward(z)
            total = total + log_det
        return z, total

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """x through f_n⁻¹, ..., f_1⁻¹."""
        total = jnp.zeros((), x.dtype)
        for part in reversed(self.parts):
            x, log_det = part.inverse(x)
            total = total + log_det
        return x, total


class Stacked(AbstractBijection):
    """f = f_n ∘ ... ∘ f_1, n equal layers whose arrays have a leading axis n: compiled once, if n is large.

    Make one with `stack`.
    """

    layer: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return self.layer.shape

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """z through f_1, ..., f_n."""
        return self.through(z, lambda layer, z: layer.forward(z))

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """x through f_n⁻¹, ..., f_1⁻¹."""
        return self.through(x, lambda layer, x: layer.inverse(x), reverse=True)

    def through(self, x: Float[Array, "*site"], apply: Callable, *, reverse: bool = False) -> Mapped:
        """One layer after the other, adding up the log-determinants."""
        arrays, static = eqx.partition(self.layer, eqx.is_array)

        def step(carry, layer_arrays):
            x, total = carry
            x, log_det = apply(eqx.combine(layer_arrays, static), x)
            return (x, total + log_det), None

        n = len(jax.tree.leaves(arrays)[0])
        unroll = n if n <= WRITTEN_OUT else 1
        return jax.lax.scan(step, (x, jnp.zeros((), x.dtype)), arrays, reverse=reverse, unroll=unroll)[0]


def stack(key: Key[Array, ""], n: int, make: Callable[[Key[Array, ""]], AbstractBijection]) -> Stacked:
    """n layers make(key_1), ..., make(key_n), one after the other."""
    return Stacked(eqx.filter_vmap(make)(jax.random.split(key, n)))


class Inverted(AbstractBijection):
    """f⁻¹ for f: what is quick in one direction becomes quick in the other."""

    bijection: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return self.bijection.shape

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        return self.bijection.inverse(z)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        return self.bijection.forward(x)


class Flow(AbstractDensity):
    """q(x) = q_0(f⁻¹(x)) |det df⁻¹/dx|.  Law: ∫ q(x) dx = 1.

    `base` is any density q_0, `bijection` any f of the same shape; the arithmetic is in the type of f's arrays.
    """

    base: Any
    bijection: Any

    def __check_init__(self):
        if tuple(self.base.shape) != tuple(self.bijection.shape):
            raise ValueError(
                f"expected base and bijection of one shape; found {tuple(self.base.shape)} and "
                f"{tuple(self.bijection.shape)}; make both for the same lattice."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        return self.base.shape

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln q_0(z) + ln|det dz/dx|, z = f⁻¹(x)."""
        z, log_det = self.bijection.inverse(x.astype(number_type(self.bijection)))
        return self.base.log_prob(z) + log_det

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """x = f(z), z from the base, and ln q_0(z) - ln|det dx/dz|."""
        z = self.base.draw(key).astype(number_type(self.bijection))
        x, log_det = self.bijection.forward(z)
        return x, self.base.log_prob(z) - log_det


def number_type(tree: Any) -> jnp.dtype:
    """The floating-point type of the arrays of a model; float32 where it has none."""
    leaves = jax.tree.leaves(eqx.filter(tree, eqx.is_inexact_array))
    return leaves[0].dtype if leaves else jnp.dtype(jnp.float32)
