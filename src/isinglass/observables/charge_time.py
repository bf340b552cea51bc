# SPDX-License-Identifier: Apache-2.0
"""Autocorrelation time of a topological charge that rarely changes; its mean is known to be 0."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["ChargeTime", "charge_time"]


class ChargeTime(NamedTuple):
    """Integrated autocorrelation time of the charge, in steps of one chain."""

    tau: float
    error: float


def charge_time(Q: Float[np.ndarray, "R M"]) -> ChargeTime:
    """τ = ½ + Σ_t ρ(t), ρ(t) = <Q_0 Q_t>/<Q²> over all chains about the exact mean 0, with Sokal's window 5τ.

    Chains whose charge never changes count in full, where subtracting their own mean would hide them; a window that
    would be longer than a quarter of a chain ends there, and τ is then a lower bound.  Error: Madras and Sokal 1988, or
    the jackknife over chains where that is larger: a charge that is hardly ever there makes few events.
    """
    R, M = Q.shape
    power = np.abs(np.fft.rfft(Q, 2 * M, axis=1)) ** 2
    gamma = np.fft.irfft(power, axis=1)[:, :M] / np.arange(M, 0, -1)
    tau = summed(gamma.sum(axis=0))
    enough = np.arange(M) >= 5 * tau
    window = min(int(np.argmax(enough)) if enough.any() else M, M // 4)
    value = max(float(tau[window]), 0.5)
    without = [summed(rest)[window] for rest in gamma.sum(axis=0) - gamma] if R > 1 else [value]
    jackknife = float(np.std(without) * (R - 1) ** 0.5)
    return ChargeTime(value, max(value * float(np.sqrt((4 * window + 2) / (R * M))), jackknife))


def summed(gamma: Float[np.ndarray, " M"]) -> Float[np.ndarray, " M"]:
    """Σ_s ρ(s) - ½ up to each t."""
    rho = gamma / gamma[0] if gamma[0] > 0 else (np.arange(len(gamma)) == 0).astype(float)
    return np.cumsum(rho) - 0.5
