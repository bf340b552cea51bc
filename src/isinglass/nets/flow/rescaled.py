# SPDX-License-Identifier: Apache-2.0
"""A density in the units of an array: x = c + w s(z), entry by entry, z of order one whatever the units are.

s(z) = z, or sinh z where the tails are heavy: then z has a tail that falls exponentially where x has a power.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity

__all__ = ["Rescaled", "rescaled", "standardized_rows"]

HEAVY = 20.0  # times as far from the median as the quartiles are; of a million normal numbers none is beyond 8


class Rescaled(AbstractDensity):
    """ln q(x) = ln q_0(z) - Σ_i ln(w_i s'(z_i)), q_0 a density of the vector z (N,).  Law: ∫ q = 1.

    Center and width are data, not trained, in the precision of x: q_0 sees numbers of order one in single precision.
    """

    base: AbstractDensity
    center: Float[Array, "*site"]
    width: Float[Array, "*site"]
    heavy: Bool[Array, "*site"]  # s = sinh

    @property
    def shape(self) -> tuple[int, ...]:
        return self.center.shape

    def standardized(self, x: Shaped[Array, "*site"]) -> Float[Array, " N"]:
        """z, in single precision."""
        y = (x.astype(self.center.dtype) - self.center) / self.width
        return jnp.where(self.heavy, jnp.arcsinh(y), y).reshape(-1).astype(jnp.float32)

    def log_slope(self, z: Float[Array, " N"]) -> Float[Array, ""]:
        """Σ_i ln dx_i/dz_i."""
        wide = z.astype(self.center.dtype)
        bent = jnp.where(self.heavy.reshape(-1), jnp.logaddexp(wide, -wide) - jnp.log(2.0).astype(wide.dtype), 0.0)
        return jnp.sum(jnp.log(self.width)) + jnp.sum(bent)

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        z = self.standardized(x)
        return self.base.log_prob(z).astype(self.center.dtype) - self.log_slope(z)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        z, log_q = self.base.draw_with_log_prob(key)
        return self.in_units(z), log_q.astype(self.center.dtype) - self.log_slope(z)

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        """Without its density, which may cost more."""
        return self.in_units(self.base.draw(key))

    def in_units(self, z: Float[Array, " N"]) -> Float[Array, "*site"]:
        """x of z."""
        y = z.astype(self.center.dtype).reshape(self.shape)
        return self.center + self.width * jnp.where(self.heavy, jnp.sinh(jnp.clip(y, -300.0, 300.0)), y)


def rescaled(base: AbstractDensity, x: Float[np.ndarray, "n *site"]) -> Rescaled:
    """The density in the units of samples x: medians, half the distance of the 16 % and 84 % quantiles, and tails.

    Where most samples of an entry are equal, the standard deviation.
    """
    low, center, high = np.quantile(x, [0.16, 0.5, 0.84], axis=0)
    width, spread = (high - low) / 2, x.std(axis=0)
    width = np.where(width > 1e-9 * spread, width, spread)
    width = np.where(width > 0, width, 1.0)  # a constant: z = 0
    far = np.abs(x - center).max(axis=0) / width
    place = lambda a: jnp.asarray(a, float)  # noqa: E731
    return Rescaled(base, place(center), place(width), jnp.asarray(far > HEAVY))


def standardized_rows(model: Rescaled, x: Float[np.ndarray, "n *site"]) -> Float[Array, "n N"]:
    """z of every row."""
    return jax.jit(jax.vmap(model.standardized))(jnp.asarray(x))
