# SPDX-License-Identifier: Apache-2.0
"""Two-point functions on a periodic lattice and their Fourier transforms: |s_k|², S(k), C(r).

s_k = (1/N) Σ_r s_r exp(-ik·r), k_a = 2π n_a / L_a in the order of the fast Fourier transform.  Arrays of NumPy or JAX,
`axes` those of the lattice (all); the rest are samples or components.
Ref: Chaikin and Lubensky 1995, doi:10.1017/CBO9780511813467, ch. 2.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from jaxtyping import Array, Float, Shaped

__all__ = ["structure_factor", "structure_factor_of_pairs", "two_point_function", "wave_power"]

NumpyOrJax = TypeVar("NumpyOrJax", np.ndarray, Array)


def wave_power(x: Shaped[NumpyOrJax, "*shape"], axes: Sequence[int] | None = None) -> Float[NumpyOrJax, "*shape"]:
    """|s_k|² = S(k)/N, the squared order parameter of each wave; |s_0| is that of the mean.

    Law: Σ_k |s_k|² = (1/N) Σ_r s_r² (Parseval); a plane wave of amplitude a has a²/4 at k and at -k alone.
    """
    return abs(x.__array_namespace__().fft.fftn(x, axes=axes, norm="forward")) ** 2


def structure_factor(x: Shaped[NumpyOrJax, "*shape"], axes: Sequence[int] | None = None) -> Float[NumpyOrJax, "*shape"]:
    """S(k) = (1/N) |Σ_r x_r exp(-ik·r)|² of each sample; its mean over samples is the power spectrum P(k).

    Unit: that of x².  Law: independent sites of mean 0 have <S(k)> = <x²> at every k.
    """
    return abs(x.__array_namespace__().fft.fftn(x, axes=axes, norm="ortho")) ** 2


def two_point_function(
    power: Float[NumpyOrJax, "*shape"], axes: Sequence[int] | None = None
) -> Float[NumpyOrJax, "*shape"]:
    """C(r) = (1/N) Σ_i s_i s_(i+r) = Σ_k |s_k|² exp(ik·r), the mean not subtracted, from `wave_power`.

    Law: C(0) = (1/N) Σ_i s_i²; C(-r) = C(r); |C(r)| <= C(0).  Ref: Wiener and Khinchin.
    """
    return power.__array_namespace__().fft.ifftn(power, axes=axes, norm="forward").real


def structure_factor_of_pairs(
    correlation: Float[np.ndarray, "N N"], positions: Float[np.ndarray, "N D"], k: Float[np.ndarray, "K D"]
) -> Float[np.ndarray, " K"]:
    """S(k) = (1/N) Σ_ij exp(ik·(r_i - r_j)) C_ij, sites anywhere.  Law: Σ_k S(k) = Σ_i C_ii over a torus' N momenta."""
    waves = np.exp(1j * k @ positions.T)
    return np.einsum("ki,ij,kj->k", waves, correlation, waves.conj(), optimize=True).real / len(positions)
