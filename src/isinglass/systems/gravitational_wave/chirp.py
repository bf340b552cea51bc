# SPDX-License-Identifier: Apache-2.0
"""Chirp of two masses that spiral in, leading order: f(t) = (1/π) [5/(256 τ)]^(3/8) M^(-5/8), τ = t_c - t.

M = (m1 m2)^(3/5)/(m1 + m2)^(1/5), the chirp mass, in seconds: G M/c³, 4.925490947641267 µs for the Sun.  Redshifted
masses (detector frame).  Strain of the + polarization of a binary seen face on.
Ref: Peters and Mathews 1963, doi:10.1103/PhysRev.131.435; Cutler and Flanagan 1994, arXiv:gr-qc/9402014.
"""

import numpy as np
from jaxtyping import Complex, Float

from isinglass.errors import InputError

__all__ = ["MPC", "SUN", "chirp_mass", "innermost_frequency", "newtonian_chirp", "newtonian_strain"]

SUN = 4.925490947641267e-6  # s, G M_sun/c³
MPC = 3.085677581491367e22 / 299792458.0  # s, a megaparsec over c


def chirp_mass(m1: float, m2: float) -> float:
    """(m1 m2)^(3/5)/(m1 + m2)^(1/5), in the units of the masses."""
    return (m1 * m2) ** 0.6 / (m1 + m2) ** 0.2


def innermost_frequency(total_mass: float) -> float:
    """f = 1/(6^(3/2) π M_total) in Hz: twice the frequency of the innermost stable orbit of a small mass."""
    return 1 / (6**1.5 * np.pi * total_mass * SUN)


def newtonian_chirp(
    f: Float[np.ndarray, " k"], mass: float, distance: float, *, time: float = 0.0, phase: float = 0.0
) -> Complex[np.ndarray, " k"]:
    """h̃(f) = √(5/24) π^(-2/3) M^(5/6)/D f^(-7/6) exp i[φ_c + π/4 - 2πf t_c - (3/128) (πMf)^(-5/3)], f > 0.

    Chirp mass in solar masses, distance in Mpc; stationary phase.  Law: 4 ∫ |h̃|²/S ∝ M^(5/3)/D².
    """
    if not (f > 0).all():
        raise InputError("frequencies above 0", f"{f.min():g}", "leave out the constant part")
    M, D = mass * SUN, distance * MPC
    size = (5 / 24) ** 0.5 * np.pi ** (-2 / 3) * M ** (5 / 6) / D * f ** (-7 / 6)
    angle = phase + np.pi / 4 - 2 * np.pi * f * time - 3 / 128 * (np.pi * M * f) ** (-5 / 3)
    return size * np.exp(1j * angle)


def newtonian_strain(
    t: Float[np.ndarray, " n"], mass: float, distance: float, *, phase: float = 0.0
) -> Float[np.ndarray, " n"]:
    """h(t) = (4/D) M^(5/3) (π f)^(2/3) cos[φ_c - 2 (τ/(5M))^(5/8)], τ = -t; zero after t = 0, where f is infinite."""
    M, D = mass * SUN, distance * MPC
    tau = np.where(t < 0, -t, np.inf)
    f = (5 / (256 * tau)) ** 0.375 * M ** (-0.625) / np.pi
    h = 4 / D * M ** (5 / 3) * (np.pi * f) ** (2 / 3) * np.cos(phase - 2 * np.where(t < 0, -t / (5 * M), 0) ** 0.625)
    return np.where(t < 0, h, 0.0)
