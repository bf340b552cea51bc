# SPDX-License-Identifier: Apache-2.0
"""Saddles of the spherical p-spin model, E(s) = N^-(p-1)/2 Σ J_i1..ip s_i1 ... s_ip, J standard normal, |s|² = N.

At a stationary point of energy density e = E/N the Hessian on the sphere is √(p(p-1)) G - p e, G a random symmetric
matrix whose eigenvalues fill the semicircle [-2, 2]: the lower the energy, the fewer directions lead down.
Ref: Bray & Dean 2007, arXiv:cond-mat/0611023; Auffinger, Ben Arous & Černý 2013, arXiv:1003.1129; Dauphin et al. 2014,
arXiv:1406.2572 (networks).
"""

import math

import numpy as np
from jaxtyping import Float

__all__ = ["index_fraction", "threshold_energy"]


def threshold_energy(p: int) -> float:
    """e = -2 √((p - 1)/p), below which almost all stationary points are minima."""
    return -2 * math.sqrt((p - 1) / p)


def index_fraction(energy: Float[np.ndarray, " n"], p: int) -> Float[np.ndarray, " n"]:
    """Share of negative eigenvalues, ∫_-2^x √(4 - y²)/(2π) dy, x = p e/√(p(p - 1)).

    Law: ½ at e = 0, 0 below the threshold energy, α(-e) = 1 - α(e).
    """
    x = np.clip(p * np.asarray(energy) / math.sqrt(p * (p - 1)), -2, 2)
    return 0.5 + x * np.sqrt(4 - x * x) / (4 * np.pi) + np.arcsin(x / 2) / np.pi
