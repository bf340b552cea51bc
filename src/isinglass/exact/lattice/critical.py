# SPDX-License-Identifier: Apache-2.0
"""Critical temperatures and exponents.  Units: J = k_B = 1.

Ising E = -J Σ s s', s = ±1;  Potts E = -J Σ δ(s, s');  XY E = -J Σ cos(θ - θ').
"""

import math
from typing import NamedTuple

import numpy as np

__all__ = ["Exponents", "KnownValue", "critical_temperature", "ising_exponents", "potts_exponents", "relaxation_time"]


class KnownValue(NamedTuple):
    """A published number; error 0 means exact."""

    value: float
    error: float
    source: str


class Exponents(NamedTuple):
    """c ~ |t|^-alpha, m ~ |t|^beta, chi ~ |t|^-gamma, xi ~ |t|^-nu, G(r) ~ r^-(d-2+eta) at T_c."""

    alpha: float
    beta: float
    gamma: float
    nu: float
    eta: float


def critical_temperature(model: str, lattice: str = "square", q: int = 2) -> KnownValue:
    """T_c of "ising", "potts" (q states) or "xy" on the "square", "triangular", "honeycomb" or "cubic" lattice.

    Law: for q = 2 the Potts T_c is half of Ising's, as δ = (1 + s s')/2.
    """
    if model == "potts":
        return _potts(q, lattice)
    known = _KNOWN.get((model, lattice))
    if known is None:
        choices = ", ".join(f"{m}/{where}" for m, where in _KNOWN)
        raise ValueError(f"critical_temperature knows {choices} and potts, got {model}/{lattice}")
    return known


_HOUTAPPEL = "Houtappel 1950, doi:10.1016/0031-8914(50)90130-3"
_KNOWN = {
    ("ising", "chain"): KnownValue(0.0, 0.0, "Ising 1925, doi:10.1007/BF02980577"),
    ("ising", "square"): KnownValue(2 / math.log1p(math.sqrt(2)), 0.0, "Onsager 1944, doi:10.1103/PhysRev.65.117"),
    ("ising", "triangular"): KnownValue(4 / math.log(3), 0.0, _HOUTAPPEL),
    ("ising", "honeycomb"): KnownValue(2 / math.log(2 + math.sqrt(3)), 0.0, _HOUTAPPEL),
    # K_c = 0.221654626(5), Monte Carlo
    ("ising", "cubic"): KnownValue(
        1 / 0.221654626, 5e-9 / 0.221654626**2, "Ferrenberg, Xu & Landau 2018, doi:10.1103/PhysRevE.97.043301"
    ),
    # Berezinskii-Kosterlitz-Thouless point, beta = 1.1199(1), Monte Carlo
    ("xy", "square"): KnownValue(1 / 1.1199, 1e-4 / 1.1199**2, "Hasenbusch 2005, arXiv:cond-mat/0502556"),
}


def _potts(q: int, lattice: str) -> KnownValue:
    """Root v = exp(1/T_c) - 1 > 0 of v² = q (square), v³ + 3v² = q (triangular), v³ - 3qv = q² (honeycomb).

    First-order transition for q > 4.  Ref: Wu 1982, doi:10.1103/RevModPhys.54.235.
    """
    polynomials = {"square": [1, 0, -q], "triangular": [1, 3, 0, -q], "honeycomb": [1, 0, -3 * q, -q * q]}
    if lattice not in polynomials:
        raise ValueError(f"the exact Potts temperature is known on {', '.join(polynomials)}, got {lattice}")
    v = np.roots(polynomials[lattice]).real.max()
    return KnownValue(1 / float(np.log1p(v)), 0.0, "Wu 1982, doi:10.1103/RevModPhys.54.235")


def ising_exponents(dimension: int) -> Exponents:
    """Exponents of the Ising class: exact in two dimensions (alpha = 0 is a logarithm), mean-field from four on.

    Three dimensions: conformal bootstrap, Kos et al. 2016, arXiv:1603.04436.
    Law: alpha + 2 beta + gamma = 2; gamma = nu (2 - eta); in d <= 4 also nu d = 2 - alpha.
    """
    if dimension == 2:
        return Exponents(0.0, 1 / 8, 7 / 4, 1.0, 1 / 4)
    if dimension == 3:
        nu, eta = 0.629971, 0.0362978
        return Exponents(2 - 3 * nu, nu * (1 + eta) / 2, nu * (2 - eta), nu, eta)
    if dimension >= 4:
        return Exponents(0.0, 1 / 2, 1.0, 1 / 2, 0.0)
    raise ValueError(f"the Ising model has no finite-temperature transition in {dimension} dimensions")


def potts_exponents(q: int) -> Exponents:
    """Exact exponents of the two-dimensional q-state Potts model, q = 2, 3, 4 (Coulomb gas; logarithms at q = 4).

    Law: as `ising_exponents` with d = 2.  Ref: Wu 1982, doi:10.1103/RevModPhys.54.235.
    """
    table = {
        2: Exponents(0.0, 1 / 8, 7 / 4, 1.0, 1 / 4),
        3: Exponents(1 / 3, 1 / 9, 13 / 9, 5 / 6, 4 / 15),
        4: Exponents(2 / 3, 1 / 12, 7 / 6, 2 / 3, 1 / 4),
    }
    if q not in table:
        raise ValueError(f"the two-dimensional Potts transition is continuous for q = 2, 3, 4, got {q}")
    return table[q]


def relaxation_time(L: int, z: float = 2.17) -> float:
    """Sweeps in which single flips forget |m| of the square Ising model at T_c, about 0.025 L^z.

    Law: L^z, Nightingale and Blöte 1996, doi:10.1103/PhysRevLett.76.4548; the factor is measured, to 20 %.
    """
    return 0.025 * L**z
