# SPDX-License-Identifier: Apache-2.0
"""Generators of independent configurations, and those with a known density q(x), normalized.

One configuration at a time; `jax.vmap(q.log_prob)` for many.
"""

from abc import abstractmethod
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

__all__ = ["AbstractDensity", "AbstractGenerator", "StandardNormal"]


class AbstractGenerator(eqx.Module):
    """A generator of independent configurations."""

    if TYPE_CHECKING:  # a field or a property of every subclass

        @property
        def shape(self) -> tuple[int, ...]:
            """Shape of one configuration."""
            ...

    else:
        shape: eqx.AbstractVar[tuple[int, ...]]

    @abstractmethod
    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        """One configuration, from this key alone."""

    def sample(self, key: Key[Array, ""], n: int) -> Shaped[Array, "n *site"]:
        """n independent configurations, along a first axis."""
        return jax.vmap(self.draw)(jax.random.split(key, n))


class AbstractDensity(AbstractGenerator):
    """A generator that knows its density.  Law: Σ_x q(x) = 1, and `draw` samples from q."""

    @abstractmethod
    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Logarithm of the normalized density of one configuration, ln q(x)."""

    @abstractmethod
    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """x and ln q(x), which costs less together than apart."""

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        return self.draw_with_log_prob(key)[0]

    def sample_with_log_prob(self, key: Key[Array, ""], n: int) -> tuple[Shaped[Array, "n *site"], Float[Array, " n"]]:
        """n independent configurations and their ln q."""
        return jax.vmap(self.draw_with_log_prob)(jax.random.split(key, n))


class StandardNormal(AbstractDensity):
    """q(z) = Π_i exp(-z_i²/2) / √(2π), float32."""

    shape: tuple[int, ...] = eqx.field(static=True)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """-½ Σ (z² + ln 2π)."""
        return -0.5 * jnp.sum(x * x + jnp.asarray(jnp.log(2 * jnp.pi), x.dtype))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        z = jax.random.normal(key, self.shape, jnp.float32)
        return z, self.log_prob(z)
