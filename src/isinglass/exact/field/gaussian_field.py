# SPDX-License-Identifier: Apache-2.0
"""Gaussian and lognormal fields on a periodic lattice: everything about them follows from the power spectrum.

P(k) = <|x̃(k)|²>, x̃ = N^(-½) Σ_r x_r exp(-i k r); ξ(r) = (1/N) Σ_k P(k) exp(i k r), ξ(0) the variance.
Ref: Coles and Jones 1991, doi:10.1093/mnras/248.1.1; Wiener filter: Zaroubi et al. 1995, doi:10.1086/176070.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from scipy.stats import norm

__all__ = [
    "Posterior",
    "correlation",
    "gaussian_field",
    "lognormal",
    "lognormal_cdf",
    "lognormal_spectrum",
    "spectrum",
    "spectrum_of",
    "wave_numbers",
    "wiener_posterior",
]

Lattice = Float[np.ndarray, "*site"]


def wave_numbers(shape: tuple[int, ...]) -> Lattice:
    """|k̂| = 2 (Σ_i sin²(k_i/2))^½, k_i = 2π n_i / L_i."""
    axes = [4 * np.sin(np.pi * np.arange(n) / n) ** 2 for n in shape]
    return np.sqrt(sum(np.meshgrid(*axes, indexing="ij"), np.zeros(shape)))


def spectrum(shape: tuple[int, ...], *, variance: float, mass: float = 0.5, power: float = 1.0) -> Lattice:
    """P(k) ∝ (k̂² + m²)^(-power), with the variance of a site given; power 1 is the free field."""
    P = (wave_numbers(shape) ** 2 + mass**2) ** -power
    return P * (variance / P.mean())


def correlation(P: Lattice) -> Lattice:
    """ξ(r) = (1/N) Σ_k P(k) exp(i k r)."""
    return np.fft.ifftn(P).real


def spectrum_of(xi: Lattice) -> Lattice:
    """P(k) = Σ_r ξ(r) exp(-i k r).  Law: undoes `correlation`."""
    return np.fft.fftn(xi).real


def gaussian_field(white: Float[np.ndarray, "n *site"], P: Lattice) -> Float[np.ndarray, "n *site"]:
    """Fields of spectrum P from white noise, x̃(k) = √P(k) w̃(k).  Law: <|x̃(k)|²> = P(k)."""
    axes = tuple(range(1, white.ndim))
    return np.fft.ifftn(np.sqrt(P) * np.fft.fftn(white, axes=axes), axes=axes).real


def lognormal(field: Float[np.ndarray, "n *site"], variance: float) -> Float[np.ndarray, "n *site"]:
    """Density contrast δ = exp(g - ξ_g(0)/2) - 1 of a Gaussian field of this variance.  Law: <δ> = 0, δ > -1."""
    return np.exp(field - variance / 2) - 1


def lognormal_spectrum(P: Lattice) -> Lattice:
    """P_δ(k), from ξ_δ(r) = exp(ξ_g(r)) - 1."""
    return spectrum_of(np.expm1(correlation(P)))


def lognormal_cdf(delta: Float[np.ndarray, " n"], variance: float) -> Float[np.ndarray, " n"]:
    """P(δ_r <= delta) = Φ((ln(1 + δ) + s²/2)/s)."""
    s = variance**0.5
    below = delta <= -1
    return np.where(below, 0.0, norm.cdf((np.log1p(np.where(below, 0.0, delta)) + variance / 2) / s))


class Posterior(NamedTuple):
    """p(x given y), a Gaussian."""

    mean: Lattice
    variance: Float[np.ndarray, "..."]  # of one site


def wiener_posterior(
    P: Lattice, y: Lattice, noise: float, mask: Shaped[np.ndarray, "*site"] | None = None
) -> Posterior:
    """x given y = x + noise at the sites where mask = 1 (all): mean P (P + n)⁻¹ y, covariance P - P (P + n)⁻¹ P.

    With every site observed, mode by mode; else by linear algebra on the observed sites.  Cost: N ln N, or N³.
    """
    n = noise**2
    if mask is None:
        filtered = np.fft.ifftn(P / (P + n) * np.fft.fftn(y)).real
        return Posterior(filtered, np.full(y.shape, (P * n / (P + n)).mean()))
    C = covariance(P)
    observed = np.flatnonzero(mask)
    gain = np.linalg.solve(C[np.ix_(observed, observed)] + n * np.eye(len(observed)), C[observed]).T
    variance = np.diag(C) - np.sum(gain * C[:, observed], axis=1)
    return Posterior((gain @ y.ravel()[observed]).reshape(y.shape), variance.reshape(y.shape))


def covariance(P: Lattice) -> Float[np.ndarray, "N N"]:
    """C_rs = ξ(r - s), sites in C order."""
    site = np.indices(P.shape).reshape(P.ndim, -1)
    apart = (site[:, :, None] - site[:, None, :]) % np.array(P.shape)[:, None, None]
    return correlation(P)[tuple(apart)]
