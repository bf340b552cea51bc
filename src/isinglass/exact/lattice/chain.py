# SPDX-License-Identifier: Apache-2.0
"""Ising chain, E = -J Σ s_i s_{i+1} - h Σ s_i: transfer matrix and decimation.  K = J/T; k_B = 1.

Ref: Ising 1925, doi:10.1007/BF02980577; Kadanoff 1966 and Wilson 1971 (textbook: Goldenfeld, ch. 9).
"""

import numpy as np

__all__ = ["correlation_length", "decimate", "energy", "log_partition_function"]


def log_partition_function(K: float, n: int | None = None, field: float = 0.0) -> float:
    """Per site (1/n) ln(λ₊ⁿ + λ₋ⁿ) of a ring, λ± = e^K cosh b ± √(e^2K sinh² b + e^-2K), b = h/T; ln λ₊ if n is None.

    Law: ln 2 cosh b at K = 0.
    """
    root = np.sqrt(np.sinh(field) ** 2 + np.exp(-4 * K))  # in units of e^K
    upper, lower = np.cosh(field) + root, np.cosh(field) - root
    ring = 0.0 if n is None else float(np.log1p((lower / upper) ** n)) / n
    return float(K + np.log(upper)) + ring


def energy(K: float, n: int | None = None, J: float = 1.0) -> float:
    """Energy per site without field, u = -J tanh K; ring of n spins: -J (t + t^(n-1)) / (1 + t^n), t = tanh K."""
    t = float(np.tanh(K))
    return -J * t if n is None else -J * (t + t ** (n - 1)) / (1 + t**n)


def correlation_length(K: float) -> float:
    """ξ = -1 / ln tanh K, from ⟨s_0 s_r⟩ = tanh^r K."""
    return -1 / float(np.log(np.tanh(K)))


def decimate(K: float) -> tuple[float, float]:
    """Sum over every second spin, Σ_s exp[K s (a + b)] = exp(A + K' a b): K' = ½ ln cosh 2K and A = ln 2 + K'.

    Law: free energy preserved, ln Z(K) per site = ½ [A + ln Z(K') per site]; tanh K' = tanh² K, so ξ halves.
    """
    coarse = float(np.logaddexp(2 * K, -2 * K) - np.log(2)) / 2
    return coarse, float(np.log(2)) + coarse
