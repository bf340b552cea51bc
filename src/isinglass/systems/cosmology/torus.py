# SPDX-License-Identifier: Apache-2.0
"""A periodic lattice of unit-bearing length, its modes, and fields on it.

A torus of side ℓ with L sites a side: k = 2π n/ℓ, cell v = (ℓ/L)^d, x̃(k) = L^(-d/2) Σ_r x_r exp(-i k r), so that
<|x̃(k)|²> = P(k)/v for a field of spectrum P(k) = ∫ d^d r ξ(r) exp(-i k·r).
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.errors import InputError

__all__ = ["Torus", "drawn", "squared_modes"]


class Torus(eqx.Module):
    """L^d sites on a torus of side ℓ.  By default ℓ = 2π: k has whole numbers.

    Errors: InputError for a side below 4, dimensions other than 1, 2, 3, or a length that is not above 0.
    """

    side: int = eqx.field(static=True, default=32)
    dimensions: int = eqx.field(static=True, default=2)
    length: float = eqx.field(static=True, default=2 * np.pi)

    def __check_init__(self):
        """Errors: see above."""
        if self.side < 4 or self.dimensions not in (1, 2, 3) or not (0 < self.length < np.inf):
            found = f"{self.side} sites in {self.dimensions} dimensions, length {self.length:g}"
            raise InputError("4 sites a side or more, in 1 to 3 dimensions, of a length above 0", found, "change these")

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.side,) * self.dimensions

    @property
    def cell(self) -> float:
        """v = (ℓ/L)^d."""
        return (self.length / self.side) ** self.dimensions

    def whole_numbers(self) -> Float[np.ndarray, "*site"]:
        """|n| of every mode."""
        axes = [np.fft.fftfreq(self.side, 1 / self.side)] * self.dimensions
        return np.sqrt(sum(n**2 for n in np.meshgrid(*axes, indexing="ij")))

    def distinct(self) -> tuple[Float[np.ndarray, " shell"], np.ndarray]:
        """k of the shells of equal |n| > 0, and the shell of every mode; -1 for the zero mode."""
        square = np.rint(self.whole_numbers() ** 2).astype(int)
        values, shell = np.unique(square, return_inverse=True)
        return 2 * np.pi / self.length * np.sqrt(values[1:]), shell.reshape(self.shape) - 1


def drawn(key: Key[Array, ""], P: Float[Array, "*site"]) -> Float[Array, "*site"]:
    """x̃ = √P w̃ of white noise w."""
    white = jnp.fft.fftn(jax.random.normal(key, P.shape, P.dtype))
    return jnp.fft.ifftn(jnp.sqrt(P).astype(white.dtype) * white).real


def squared_modes(x: Float[Array, "*site"]) -> Float[Array, "*site"]:
    """|x̃(k)|²."""
    return jnp.abs(jnp.fft.fftn(x)) ** 2 / x.size
