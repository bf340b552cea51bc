# SPDX-License-Identifier: Apache-2.0
"""A density made even, q̄(x) = ½ [q(x) + q(-x)]: where q has kept one of two mirrored modes, q̄ has both."""

import math
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity

__all__ = ["Mirrored"]


class Mirrored(AbstractDensity):
    """Draw from q and toss a coin for the sign.  Law: q̄(-x) = q̄(x), Σ q̄ = 1.  Cost: one density more a draw.

    Ref: Nicoli et al. 2023, arXiv:2302.14082; for spins Wu, Wang and Zhang 2019, arXiv:1809.10606.
    """

    density: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the density."""
        return self.density.shape

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln ½ [q(x) + q(-x)]."""
        return both(self.density.log_prob(x), self.density.log_prob(-x))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """±x, x ~ q."""
        key_draw, key_sign = jax.random.split(key)
        x, log_q = self.density.draw_with_log_prob(key_draw)
        return jnp.where(jax.random.bernoulli(key_sign), x, -x), both(log_q, self.density.log_prob(-x))


def both(a: Float[Array, ""], b: Float[Array, ""]) -> Float[Array, ""]:
    """ln ½ (e^a + e^b)."""
    return jnp.logaddexp(a, b) - math.log(2)
