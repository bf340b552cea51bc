# SPDX-License-Identifier: Apache-2.0
"""Free field as a layer, x = F⁻¹ [exp(a(k)) F z]: scales each Fourier mode, and so learns the two-point function.

On a standard normal z it gives the Gaussian field with propagator G(k) = exp(2 a(k)): what couplings then have to add
is the interaction alone.
"""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.nets.flow.flow import AbstractBijection, Mapped

__all__ = ["FourierScale"]


class FourierScale(AbstractBijection):
    """x̃(k) = exp(a(k)) z̃(k), a(k) = a(-k) real, one number for each pair ±k; ln|det| = Σ_k a(k).

    Law: commutes with every translation and with z -> -z.  Cost: N ln N.  Begins at the identity.
    """

    log_scale: Float[Array, " modes"]
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, shape: Sequence[int]):
        self.shape = tuple(shape)
        self.log_scale = jnp.zeros(len(np.unique(modes(self.shape))), jnp.float32)

    def spectrum(self) -> Float[Array, "*site"]:
        """a(k) for every k."""
        return self.log_scale[np.unique(modes(self.shape), return_inverse=True)[1].reshape(self.shape)]

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """Each mode times exp(a(k))."""
        a = self.spectrum()
        return scaled(z, a), jnp.sum(a)

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """Each mode times exp(-a(k))."""
        a = self.spectrum()
        return scaled(x, -a), -jnp.sum(a)


def modes(shape: tuple[int, ...]) -> np.ndarray:
    """Number of the pair ±k of each k: the smaller of the flat indices of k and -k."""
    k = np.indices(shape).reshape(len(shape), -1)
    minus = np.ravel_multi_index(tuple(-k % np.array(shape)[:, None]), shape)
    return np.minimum(np.arange(prod(shape)), minus).reshape(shape)


def scaled(x: Float[Array, "*site"], a: Float[Array, "*site"]) -> Float[Array, "*site"]:
    """F⁻¹ [exp(a) F x]: a real field, since a(k) = a(-k)."""
    half, modes_of_x = jnp.exp(a[..., : x.shape[-1] // 2 + 1]), jnp.fft.rfftn(x)
    return jnp.fft.irfftn(modes_of_x * half.astype(modes_of_x.dtype), s=x.shape).astype(x.dtype)
