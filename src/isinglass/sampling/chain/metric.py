# SPDX-License-Identifier: Apache-2.0
"""The mass of a Hamiltonian dynamics, M = C⁻¹, from an estimate C of the covariance of x.

C = H diag(λ) H with H = 1 (diagonal) or the real Fourier (Hartley) transform on a lattice with translation symmetry:
Fourier acceleration, in which all modes of a free field oscillate with one frequency.  Ref: Duane and Pendleton 1988,
doi:10.1016/0370-2693(88)91270-5 (Fourier acceleration); H H = 1.

Configurations have the chains on the last axes, [*site, T, R], for vectorization.
"""

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

__all__ = ["Mass", "beside", "covariance_times", "hartley", "kinetic_energy", "to_modes", "velocity"]

Mass = Literal["auto", "fourier", "diagonal", "unit"]


def beside(a: Shaped[Array, "T #R"], x: Shaped[Array, "*site T R"]) -> Shaped[Array, "... T #R"]:
    """One number per temperature or chain, reshaped to broadcast against the configurations."""
    return a.reshape(*(1,) * (x.ndim - 2), *a.shape)


def hartley(side: int) -> Float[np.ndarray, "side side"]:
    """H_jk = [cos(2π jk/L) + sin(2π jk/L)] / √L.  Law: H H = 1."""
    angle = 2 * np.pi * np.outer(np.arange(side), np.arange(side)) / side
    return (np.cos(angle) + np.sin(angle)) / np.sqrt(side)


def to_modes(x: Float[Array, "*site T R"], mass: Mass) -> Float[Array, "*site T R"]:
    """H x, along one axis after the other; its own inverse.  Cost: 2 N Σ_μ L_μ, as matrix products."""
    if mass != "fourier":
        return x
    shape = x.shape
    for axis, side in enumerate(shape[:-2]):
        H = jnp.asarray(hartley(side), x.dtype)
        rows = x.reshape(int(np.prod(shape[:axis])), side, -1)
        x = jnp.einsum("jk,akb->ajb", H, rows, precision=jax.lax.Precision.HIGHEST).reshape(shape)
    return x


def covariance_times(f: Float[Array, "*site T R"], spectrum: Float[Array, "*site T"], mass: Mass):
    """C f = H λ H f, the covariance applied to a force."""
    if mass == "unit":
        return f
    return to_modes(spectrum[..., None].astype(f.dtype) * to_modes(f, mass), mass)


def velocity(xi: Float[Array, "*site T R"], spectrum: Float[Array, "*site T"], mass: Mass):
    """v = H √λ ξ ~ N(0, C) from ξ ~ N(0, 1)."""
    if mass == "unit":
        return xi
    return to_modes(jnp.sqrt(spectrum)[..., None].astype(xi.dtype) * xi, mass)


def kinetic_energy(v: Float[Array, "*site T R"], spectrum: Float[Array, "*site T"], mass: Mass) -> Float[Array, "T R"]:
    """K = ½ vᵀ C⁻¹ v, summed in double precision."""
    modes = to_modes(v, mass).astype(spectrum.dtype)
    square = modes * modes if mass == "unit" else modes * modes / spectrum[..., None]
    return 0.5 * jnp.sum(square, axis=tuple(range(v.ndim - 2)))
