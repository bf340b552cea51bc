# SPDX-License-Identifier: Apache-2.0
"""What ξ/L and the moments of the order parameter are at a continuous transition: the same for a whole class of models.

They depend on the symmetry, the dimension, the boundary and the shape of the lattice, a torus of modulus
τ = (second side) / (first side) as complex numbers: i for a square lattice, exp(iπ/3) for a triangular one stored with
sheared axes.  ξ is the second-moment correlation length, ξ²/L² = (S(0)/S(k) - 1) / (2 L sin(k/2))², averaged over axes.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["CriticalRatios", "critical_ratios", "ising_torus", "spin_wave_torus"]

SQUARE, TRIANGULAR = 1j, np.exp(1j * np.pi / 3)


class CriticalRatios(NamedTuple):
    """Values at the transition of one class, and how far those of a finite lattice may lie from them."""

    name: str
    xi: tuple[float, float]  # ξ/L
    moment: tuple[float, float] | None  # <m⁴>/<m²>²
    shape: float  # S(k)/S(2k), k = 2π/L along an axis; within a tenth
    source: str


def theta(nu: int, u: np.ndarray, q: complex, terms: int = 6) -> np.ndarray:
    """Jacobi's θ_ν(πu | q).  Ref: Whittaker and Watson, ch. 21."""
    n = np.arange(-terms, terms + 1)
    half = 0.5 if nu in (1, 2) else 0.0
    sign = (-1.0) ** n if nu in (1, 4) else 1.0
    return (sign * q ** ((n + half) ** 2) * np.exp(2j * np.pi * (n + half) * u[..., None])).sum(axis=-1)


def ising_torus(tau: complex, grid: int = 256) -> tuple[float, float]:
    """(ξ/L, S(k)/S(2k)) of the critical Ising model on a torus, to 1e-4, from its two-point function.

    <σ(z)σ(0)> ∝ |θ_1(z)|^(-1/4) Σ_ν |θ_ν(z/2)|, ν = 1 .. 4.  Law: 0.90505 at τ = i; the same for τ and -1/τ.
    Ref: Di Francesco, Saleur and Zuber 1987, doi:10.1016/0550-3213(87)90202-7;
    Salas and Sokal 2000, arXiv:cond-mat/9904038 (0.9050488).
    """
    a = (np.arange(grid) + 0.5) / grid
    z, q = a[:, None] + tau * a, np.exp(1j * np.pi * tau)
    G = sum(abs(theta(nu, z / 2, q)) for nu in (1, 2, 3, 4)) / abs(theta(1, z, q)) ** 0.25
    S = abs(np.fft.fft2(G))
    ratio = np.mean([S[0, 0] / S[1, 0] - 1, S[0, 0] / S[0, 1] - 1])
    return float(ratio**0.5 / (2 * np.pi)), float((S[1, 0] + S[0, 1]) / (S[2, 0] + S[0, 2]))


PERIODIC_3D = {
    "ising": (0.6431, 1.6036, "Hasenbusch 2010, arXiv:1004.4486"),
    "xy": (0.5924, 1.2430, "Campostrini et al. 2006, arXiv:cond-mat/0605083; Hasenbusch 2019, arXiv:1910.05916"),
    "heisenberg": (0.5640, 1.1393, "Hasenbusch 2020, arXiv:2005.04448"),
}
MOMENT_OF_ISING = {SQUARE: 1.16793, TRIANGULAR: 1.16452}  # Kamieniarz and Blöte 1993, doi:10.1088/0305-4470/26/2/009
MEASURED = "measured by us at the exact T_c (Swendsen-Wang, L = 12 to 48)"


def critical_ratios(
    symmetry: str, dimension: int, L: float, boundary: str = "periodic", tau: complex = SQUARE
) -> CriticalRatios:
    """The values of a class on a lattice of side L.

    `symmetry`: ising, pottsQ, clockQ, xy, heisenberg, oN.  The spreads are corrections to scaling, about as large as in
    the nearest-neighbor model of the class.  A class that is not known has an empty name, and a band that spans those
    that are.  Potts models of more than four states (in three dimensions of more than two) are of first order: ξ/L
    jumps over any value.
    """
    if boundary == "open" and (symmetry, dimension) == ("ising", 2) and abs(tau - SQUARE) < 0.2:
        return open_square(L)
    if boundary == "open" or dimension not in (2, 3):
        return unknown_class(dimension, boundary)
    if symmetry.startswith("potts") and int(symmetry[5:]) > (4 if dimension == 2 else 2):
        name = f"Potts q = {symmetry[5:]}, {dimension}D, first order"
        return unknown_class(dimension, boundary)._replace(name=name, source="Wu 1982, doi:10.1103/RevModPhys.54.235")
    if dimension == 3 and symmetry in PERIODIC_3D:
        xi, moment, source = PERIODIC_3D[symmetry]
        return CriticalRatios(f"{symmetry}, 3D", (xi, 0.10 * L**-0.8), (moment, 0.25 * L**-0.8), 3.4, source)
    planar = symmetry == "xy" or (symmetry.startswith("clock") and int(symmetry[5:]) > 4)
    known = {"ising": ising_plane, "potts3": potts3, "clock3": potts3, "potts4": potts4}.get(symmetry)
    known = kosterlitz_thouless if planar else known
    return known(L, tau) if known and dimension == 2 else unknown_class(dimension, boundary)


def unknown_class(dimension: int, boundary: str) -> CriticalRatios:
    """A band of ξ/L that holds the values of the classes that are known."""
    middle = {2: 0.93, 3: 0.6}.get(dimension, 0.6) * (0.4 if boundary == "open" else 1.0)
    return CriticalRatios("", (middle, 0.35 * middle), None, 2.9, "none: a band that spans the known classes")


def spin_wave_torus(eta: float, tau: complex = SQUARE, grid: int = 256) -> float:
    """ξ/L of planar spins with correlations r^(-η) on a torus: spin waves, |θ_1(z)|^(-η) exp(2πη (Im z)²/(2 Im τ)).

    Law: 0.7507 at η = 1/4, the limit at a Kosterlitz-Thouless point.
    """
    a = (np.arange(grid) + 0.5) / grid
    z, q = a[:, None] + tau * a, np.exp(1j * np.pi * tau)
    G = abs(theta(1, z, q)) ** -eta * np.exp(np.pi * eta * (tau.imag * a) ** 2 / tau.imag)
    S = abs(np.fft.fft2(G))
    return float(np.sqrt(S[0, 0] / S[1, 0] - 1) / (2 * np.pi))


def symmetric_torus(tau: complex) -> complex | None:
    """The square or the triangular torus, where τ is one of them (the triangular one by either diagonal)."""
    folded = complex(abs(tau.real), tau.imag)
    near = [known for known in (SQUARE, TRIANGULAR) if abs(folded - known) < 0.02]
    return near[0] if near else None


def ising_plane(L: float, tau: complex) -> CriticalRatios:
    """Ising in two dimensions: ξ/L is exact on any torus, the moments are published for two of them."""
    xi, shape = ising_torus(tau)
    torus, near = symmetric_torus(tau), 0.8 / L**1.75
    moment = None if torus is None else (MOMENT_OF_ISING[torus], 0.3 * near)
    source = "Di Francesco et al. 1987; Kamieniarz and Blöte 1993"
    return CriticalRatios("Ising, 2D", (xi, near), moment, shape, source)


def open_square(L: float) -> CriticalRatios:
    """Ising on a square with free edges: corrections fall as slowly as 1/L."""
    return CriticalRatios("Ising, 2D, open", (0.305 + 0.28 / L, 0.05 / L), (1.822 - 0.48 / L, 0.2 / L), 3.55, MEASURED)


def stretch(tau: complex) -> float:
    """How much the shape of the torus changes ξ/L of Potts spins: as it does Ising's, to a hundredth."""
    return ising_torus(tau)[0] / ising_torus(SQUARE)[0]


def potts3(L: float, tau: complex) -> CriticalRatios:
    """The three-state Potts class."""
    return CriticalRatios("Potts q = 3, 2D", (0.945 * stretch(tau), 0.01), (1.152, 0.005), 2.9, MEASURED)


def potts4(L: float, tau: complex) -> CriticalRatios:
    """The four-state Potts class: logarithms, so that values at these sizes are effective ones."""
    return CriticalRatios("Potts q = 4, 2D", (0.994 * stretch(tau), 0.012), (1.152, 0.01), 2.8, MEASURED)


def kosterlitz_thouless(L: float, tau: complex) -> CriticalRatios:
    """Planar spins at the Kosterlitz-Thouless point, η = 1/4: ξ/L = 0.7507 + 0.2124/(ln L + C) on a square torus.

    C = 1.7 is measured by us, to 0.02 in ξ/L.  The moments hardly change there, which locates nothing.
    Ref: Hasenbusch 2005, arXiv:cond-mat/0502556.
    """
    xi = spin_wave_torus(1 / 4, tau) + 0.212430 / (np.log(L) + 1.7)
    return CriticalRatios("planar spins, 2D", (xi, 0.02), None, 2.9, "Hasenbusch 2005, arXiv:cond-mat/0502556")
