# SPDX-License-Identifier: Apache-2.0
"""The isotropic power spectrum P(k) of fields on a periodic lattice, in shells of wave number."""

import numpy as np
from jaxtyping import Float, Int

from isinglass.exact.field.gaussian_field import wave_numbers
from isinglass.observables.curve import Curve, mean_curve
from isinglass.observables.structure_factor import structure_factor

__all__ = ["in_shells", "power_spectrum", "shells", "wave_number"]


def shells(shape: tuple[int, ...]) -> Int[np.ndarray, "*site"]:
    """Number of the shell of each wave vector n: |n| rounded, n_i from -L/2 to L/2."""
    axes = [np.fft.fftfreq(side, 1 / side) for side in shape]
    return np.rint(np.sqrt(sum(n**2 for n in np.meshgrid(*axes, indexing="ij")))).astype(int)


def in_shells(P: Float[np.ndarray, "*n_site"], shape: tuple[int, ...]) -> Float[np.ndarray, "*n_shell"]:
    """Mean of P(k) over each shell; the last axes of P are the lattice.  Law: keeps a flat spectrum."""
    shell = shells(shape).ravel()
    member = np.eye(shell.max() + 1)[shell]
    return P.reshape(*P.shape[: P.ndim - len(shape)], -1) @ (member / member.sum(axis=0))


def wave_number(shape: tuple[int, ...]) -> Float[np.ndarray, " shell"]:
    """Mean |k̂| of each shell, k̂_i = 2 sin(k_i/2)."""
    return in_shells(wave_numbers(shape), shape)


def power_spectrum(x: Float[np.ndarray, "n *site"]) -> Curve:
    """P(k) = <S(k)> of x less its mean, in shells; the error over samples.

    Unit: that of x².  Law: a Gaussian field of spectrum P(k) has it; Σ_k P(k)/N is the variance of a site.
    """
    S = structure_factor(x - x.mean(), range(1, x.ndim))
    return mean_curve(in_shells(S, x.shape[1:]))
