# SPDX-License-Identifier: Apache-2.0
"""The transverse-field Ising chain as Majorana fermions: entropies, overlaps and time evolution from a 2N x 2N matrix.

    γ_{2j} = (Π_{k<j} X_k) Z_j,  γ_{2j+1} = (Π_{k<j} X_k) Y_j,  X_j = iγ_{2j}γ_{2j+1},  Z_j Z_{j+1} = iγ_{2j+1}γ_{2j+2},

so that H = (i/4) Σ A_ab γ_a γ_b, dγ/dt = Aγ, and a Gaussian state is its covariance Γ_ab = (i/2) <[γ_a, γ_b]>.
The periodic chain is taken at even parity, Π X_j = 1, where the last bond changes sign: the sector of the ground state.
Peschel 2003, arXiv:cond-mat/0212631; Latorre, Rico and Vidal 2004, arXiv:quant-ph/0304098.
"""

import numpy as np
from jaxtyping import Float

__all__ = [
    "couplings",
    "energy",
    "evolved",
    "fidelity",
    "ground_state",
    "renyi_entropy",
    "renyi_slope",
    "transverse_magnetization",
]


def couplings(
    n_sites: int, h: float = 1.0, J: float = 1.0, *, periodic: bool = True
) -> Float[np.ndarray, "majorana majorana"]:
    """A of H = -J Σ Z_i Z_{i+1} - h Σ X_i."""
    above = np.zeros((2 * n_sites, 2 * n_sites))
    a = np.arange(2 * n_sites - 1)
    above[a, a + 1] = np.where(a % 2 == 0, -2 * h, -2 * J)
    if periodic:
        above[-1, 0] = 2 * J
    return above - above.T


def ground_state(A: Float[np.ndarray, "majorana majorana"]) -> Float[np.ndarray, "majorana majorana"]:
    """Γ = i sign(iA): every mode with negative energy is filled.  Law: Γ² = -1, antisymmetric."""
    energies, U = np.linalg.eigh(1j * A)
    return np.real(1j * (U * np.sign(energies)) @ U.conj().T)


def energy(A: Float[np.ndarray, "majorana majorana"], gamma: Float[np.ndarray, "majorana majorana"]) -> float:
    """<H> = ¼ Σ A_ab Γ_ab."""
    return float((A * gamma).sum() / 4)


def transverse_magnetization(gamma: Float[np.ndarray, "majorana majorana"]) -> float:
    """(1/N) Σ <X_j> = (1/N) Σ Γ_{2j,2j+1}."""
    return float(np.diag(gamma, 1)[::2].mean())


def evolved(
    A: Float[np.ndarray, "majorana majorana"], gamma: Float[np.ndarray, "majorana majorana"], t: float
) -> Float[np.ndarray, "majorana majorana"]:
    """Γ(t) = e^{At} Γ e^{-At}.  Law: <H> is conserved, Γ² = -1."""
    energies, U = np.linalg.eigh(1j * A)
    rotation = np.real((U * np.exp(-1j * energies * t)) @ U.conj().T)
    return rotation @ gamma @ rotation.T


def renyi_entropy(gamma: Float[np.ndarray, "majorana majorana"], block: int) -> float:
    """S_2 = -½ Σ_a ln((1 + ν_a²)/2) of sites 0 ... block-1, ±iν the eigenvalues of Γ there.

    The string of X begins in the block, so that the entropy of its fermions is that of its spins.
    """
    nu = np.linalg.eigvalsh(1j * gamma[: 2 * block, : 2 * block])
    return float(-np.log((1 + nu**2) / 2).sum() / 2)


def fidelity(a: Float[np.ndarray, "majorana majorana"], b: Float[np.ndarray, "majorana majorana"]) -> float:
    """|<a|b>|² = √det((Γ_a + Γ_b)/2), of pure states of one parity."""
    return float(np.sqrt(abs(np.linalg.det((a + b) / 2))))


def renyi_slope(c: float = 0.5, order: float = 2.0, *, ends: int = 2) -> float:
    """dS_n / d ln ℓ = (c/12)(1 + 1/n) for each end of the block; ln ℓ is ln((N/π) sin(πℓ/N)) on a ring.

    1/8 for S_2 of the Ising ring at h = J, where c = 1/2.  Calabrese and Cardy 2004, arXiv:hep-th/0405152.
    """
    return ends * c / 12 * (1 + 1 / order)
