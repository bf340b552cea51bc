# SPDX-License-Identifier: Apache-2.0
"""Band powers of the microwave background, C_b = Σ_ℓ w_bℓ C_ℓ, with normal noise: amplitude and tilt of a spectrum.

C_ℓ(θ) = C_ℓ exp(ln A) (ℓ/ℓ_0)^Δn: ln A is that of A_s exp(-2τ), Δn nearly that of n_s.  Full sky, no noise:
σ(C_ℓ)/C_ℓ = √(2/(2ℓ + 1)).  Ref: Planck 2018 V, arXiv:1907.12875; Prince and Dunkley 2019, arXiv:1909.05869.
"""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.systems.simulator.noisy_model import NoisyModel, noisy_model

__all__ = ["TiltedSpectrum", "band_powers", "binning", "cosmic_variance", "spectrum_of_Dl"]

PIVOT = 500.0  # ℓ_0


class TiltedSpectrum(eqx.Module):
    """Band powers of C_ℓ exp(ln A) (ℓ/500)^Δn, θ = (ln A, Δn)."""

    W: Float[Array, "band ell"]
    C: Float[Array, " ell"]  # each spectrum from ℓ = first on, one behind the other
    ell: Float[Array, " ell"]

    def __call__(self, theta: Float[Array, "2"]) -> Float[Array, " band"]:
        """In the units of C."""
        return self.W @ (self.C * jnp.exp(theta[0] + theta[1] * jnp.log(self.ell / PIVOT)))


def band_powers(C: Any, ell: Any, W: Any, covariance: Any, *, prior: Any = None) -> NoisyModel:
    """Band powers W C of a best-fit spectrum C at ℓ, and what amplitude and tilt the data give it.

    By default ln A is uniform in ±0.1, Δn in ±0.1.  Errors: InputError for unequal lengths, or ℓ below 2.
    """
    C, ell, W = (np.asarray(a, float) for a in (C, ell, W))
    if C.ndim != 1 or ell.shape != C.shape or W.ndim != 2 or W.shape[1] != len(C):
        found = f"C {list(C.shape)}, ell {list(ell.shape)}, W {list(W.shape)}"
        raise InputError("C [n], ell [n], W [band, n]", found, "give the spectrum at every ℓ of the bands")
    if not (ell >= 2).all() or not np.isfinite(C).all():
        raise InputError("ℓ of 2 or more, and finite C", f"{ell.min():g}", "leave out monopole and dipole")
    own = prior or {"log_amplitude": dist.Uniform(-0.1, 0.1), "tilt": dist.Uniform(-0.1, 0.1)}
    return noisy_model(TiltedSpectrum(*map(jnp.asarray, (W, C, ell))), covariance, own)


def binning(first: Any, last: Any, weights: Any, ell: Any) -> Float[np.ndarray, "band ell"]:
    """W_bℓ = weights_ℓ for first_b <= ℓ <= last_b, else 0.  Errors: InputError for a band that is not within ell."""
    first, last, weights, ell = (np.asarray(a) for a in (first, last, weights, ell))
    if weights.shape != ell.shape or first.shape != last.shape:
        found = f"{len(weights)} weights for {len(ell)} ℓ"
        raise InputError("a weight for every ℓ, and two ends for every band", found, "cut them to the same ℓ")
    if (last < first).any() or first.min() < ell.min() or last.max() > ell.max():
        found = f"{first.min():g} to {last.max():g}"
        raise InputError(f"bands within {ell.min():g} to {ell.max():g}", found, "give the spectrum there as well")
    inside = (ell[None] >= first[:, None]) & (ell[None] <= last[:, None])
    return np.where(inside, weights[None], 0.0)


def spectrum_of_Dl(D: Any, ell: Any) -> Float[np.ndarray, " ell"]:  # noqa: N802
    """C_ℓ = 2π D_ℓ/(ℓ (ℓ + 1)).  Unit: that of D."""
    ell = np.asarray(ell, float)
    return 2 * np.pi * np.asarray(D, float) / (ell * (ell + 1))


def cosmic_variance(ell: Any) -> Float[np.ndarray, "*ell"]:
    """σ(C_ℓ)/C_ℓ = √(2/(2ℓ + 1)) of a full sky: 2ℓ + 1 modes, each as a normal number squared."""
    return np.asarray(np.sqrt(2 / (2 * np.asarray(ell, float) + 1)))
