# SPDX-License-Identifier: Apache-2.0
"""Addition mod p by two layers with a quadratic activation, in closed form.

    f_q(n, m) = Σ_k O_kq (U_nk + V_mk)²,   U_nk = cos(ω_k n + φ_k),  V_mk = cos(ω_k m + χ_k),
    O_kq = (2/J) cos(ω_k q + φ_k + χ_k),   ω_k = 2π σ_k/p

Of (U + V)² only 2 U V has the frequency and phase of O: Σ_k over phases leaves Σ_σ cos(2πσ(n + m - q)/p), which is
(p - 1)/2 where q = n + m mod p and -1/2 elsewhere.  Ref: Gromov 2023, arXiv:2301.02679, where phases are random and the
others cancel in the limit of many; six neurons a frequency with φ = 2πj/6, χ = 4φ cancel them exactly.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = [
    "PHASES",
    "Quadratic",
    "answers",
    "fourier_solution",
    "frequency_shares",
    "phase_sums",
    "shift_share",
]

PHASES = 6  # J, neurons of each frequency: the fewest with χ = rφ whose sums all vanish
FACTOR = 4  # r


class Quadratic(NamedTuple):
    """Weights of f_q(n, m) = Σ_k O_kq (U_nk + V_mk)²."""

    U: Float[np.ndarray, "p k"]
    V: Float[np.ndarray, "p k"]
    O: Float[np.ndarray, "k p"]  # noqa: E741 - output


def fourier_solution(p: int) -> Quadratic:
    """3 (p - 1) neurons that add mod p.  Errors: ValueError for an even p or one below 3."""
    if p < 3 or p % 2 == 0:  # noqa: PLR2004
        raise ValueError(f"an odd p of 3 or more, got {p}.")
    sigma = np.repeat(np.arange(1, (p + 1) // 2), PHASES)
    phi = 2 * np.pi * np.tile(np.arange(PHASES), (p - 1) // 2) / PHASES
    angle = 2 * np.pi / p * np.outer(np.arange(p), sigma)
    return Quadratic(np.cos(angle + phi), np.cos(angle + FACTOR * phi),
                     2 / PHASES * np.cos(angle + (1 + FACTOR) * phi).T)  # fmt: skip


def answers(weights: Quadratic) -> Float[np.ndarray, "p p p"]:
    """f_q(n, m) for all n, m, q."""
    return (weights.U[:, None, :] + weights.V[None, :, :]) ** 2 @ weights.O


def frequency_shares(W: Float[np.ndarray, "p k"]) -> Float[np.ndarray, " k"]:
    """Σ_σ P_σ², P_σ the share of frequency σ in the power of each neuron without its mean.

    Law: 1 for one frequency, 2/(p - 1) for all alike, about 4/(p + 1) for normal weights.
    """
    power = np.abs(np.fft.rfft(W, axis=0))[1:] ** 2
    share = power / power.sum(axis=0)
    return (share**2).sum(axis=0)


def phase_sums(weights: Quadratic) -> Float[np.ndarray, " k"]:
    """cos(φ_k + χ_k - ψ_k) of the phases of U, V and O at the main frequency of U.

    Law: 1 for the solution above; mean 0 of unrelated weights.
    """
    U, V, O = (np.fft.rfft(W, axis=0)[1:] for W in (weights.U, weights.V, weights.O.T))  # noqa: E741
    main = np.abs(U).argmax(axis=0)
    phase = lambda F: np.angle(F[main, np.arange(F.shape[1])])  # noqa: E731
    return np.cos(phase(U) + phase(V) - phase(O))


def shift_share(weights: Quadratic) -> float:
    """Share of the variance of f_q(n, m) over q that is a function of n + m - q mod p alone.

    Law: 1 for the solution above, and for any function of the sum; about 1/p² of unrelated answers.
    """
    f = answers(weights)
    f = f - f.mean(axis=2, keepdims=True)
    n = np.arange(len(f))
    q = (n[:, None, None] + n[None, :, None] - n) % len(n)  # of n, m and r = n + m - q
    mean = np.take_along_axis(f, q, axis=2).mean(axis=(0, 1))
    return float(np.mean(mean**2) / np.mean(f**2))
