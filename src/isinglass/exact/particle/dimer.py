# SPDX-License-Identifier: Apache-2.0
"""The dimer without its bath: density of its length r and free energies, by quadrature.

E = U(r) + k [(x_0 + x_1)² + y_0² + y_1²].  In sums and differences of the coordinates only the angle α between dimer
and x axis couples to r, so that p(r) ~ r exp(-U(r)/T) ∫ dα exp(-k r² sin²α / 2T) = 2π r exp(-U/T - κ) I_0(κ),
κ = k r²/4T.  Ref: Noé et al. 2019, arXiv:1812.01729.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import ive

__all__ = ["bond", "density", "free_energy_difference", "mean_energy"]

SLOPE, A, B, MIDDLE = -0.5, 25.0, 10.0, 1.5


def bond(r: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """U(r) = -½ s - 25 s² + 10 s⁴, s = 2 (r - 1.5)."""
    s = 2 * (r - MIDDLE)
    return s * (SLOPE + s * (-A + B * s * s))


def weights(temperature: float, k: float) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Lengths r in equal steps and their probabilities; the middle r = 1.5 lies between two."""
    r = MIDDLE + (np.arange(-15000, 45000) + 0.5) * 1e-4
    log_p = np.log(r) - bond(r) / temperature + np.log(ive(0, k * r * r / (4 * temperature)))
    p = np.exp(log_p - log_p.max())
    return r, p / p.sum()


def density(r: Float[np.ndarray, " n"], temperature: float = 1.0, k: float = 20.0) -> Float[np.ndarray, " n"]:
    """Density of the length, p(r) ∝ r exp(-U/T - κ) I_0(κ), κ = k r²/4T.  Law: ∫ p dr = 1."""
    at, p = weights(temperature, k)
    return np.interp(r, at, p / (at[1] - at[0]))


def free_energy_difference(temperature: float = 1.0, k: float = 20.0) -> float:
    """ln P(r < 1.5) / P(r > 1.5) = (F_open - F_closed) / T."""
    r, p = weights(temperature, k)
    return float(np.log(p[r < MIDDLE].sum() / p[r > MIDDLE].sum()))


def mean_energy(temperature: float = 1.0, k: float = 20.0) -> float:
    """<E> = <U> + T/2 [(x_0 + x_1)] + T/2 [(y_0 + y_1)] + <½ k r² sin²α>.  Law: -∂ ln Z / ∂(1/T)."""
    r, p = weights(temperature, k)
    kappa = k * r * r / (4 * temperature)
    tilt = temperature * kappa * (1 - ive(1, kappa) / ive(0, kappa))
    return float(p @ (bond(r) + tilt)) + temperature
