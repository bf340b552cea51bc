# SPDX-License-Identifier: Apache-2.0
"""Renormalization in closed form: decimation of the Ising chain, and the Migdal-Kadanoff recursion in d dimensions.

Σ_s exp(K s (s₁ + s₂)) = A exp(K' s₁ s₂).  Ref: Kadanoff 1976, doi:10.1016/0003-4916(76)90066-X; Migdal 1975.
"""

import math

from scipy.optimize import brentq

__all__ = ["chain_log_partition", "decimated", "decimation_factor", "migdal_kadanoff", "migdal_kadanoff_fixed_point"]


def decimated(K: float) -> float:
    """K' = ½ ln cosh 2K of a chain without every second spin.  Law: tanh K' = tanh² K."""
    return math.atanh(math.tanh(K) ** 2) if abs(K) < 1 else decimation_factor(K) - math.log(2)


def decimation_factor(K: float) -> float:
    """ln A = ln 2 + ½ ln cosh 2K, per spin that is summed over."""
    return math.log(2) + 0.5 * (2 * abs(K) + math.log1p(math.exp(-4 * abs(K))) - math.log(2))


def chain_log_partition(K: float) -> float:
    """ln Z/N of the infinite chain by decimation: f(K) = ½ ln A + ½ f(K'), until K' is 0.  Law: ln(2 cosh K).

    tanh K goes to tanh² K: the number of steps is that of halvings of the correlation length.
    """
    total, weight = 0.0, 1.0
    while K > 1e-9:
        weight /= 2
        total, K = total + weight * decimation_factor(K), decimated(K)
    return total + weight * math.log(2)


def migdal_kadanoff(K: float, dimension: int = 2, scale: int = 2) -> float:
    """K' of bonds that are moved together, b^(d-1) K, and then decimated: tanh K' = tanh(b^(d-1) K)^b.

    Exact in one dimension, and on hierarchical lattices.
    """
    return math.atanh(math.tanh(scale ** (dimension - 1) * K) ** scale)


def migdal_kadanoff_fixed_point(dimension: int = 2, scale: int = 2) -> tuple[float, float]:
    """(K*, y_T): where K' = K is not 0, and y_T = ln(dK'/dK)/ln b there.  Two dimensions, b = 2: 0.304689, 0.747."""
    if dimension < 2:
        raise ValueError(f"a fixed point needs two dimensions or more, got {dimension}")
    K = brentq(lambda K: migdal_kadanoff(K, dimension, scale) - K, 1e-6 + 0.02 / scale**dimension, 0.5, xtol=1e-14)
    t = math.tanh(scale ** (dimension - 1) * K)
    slope = scale * t ** (scale - 1) * (1 - t * t) * scale ** (dimension - 1) / (1 - math.tanh(K) ** 2)
    return float(K), math.log(slope) / math.log(scale)
