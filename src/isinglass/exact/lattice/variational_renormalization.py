# SPDX-License-Identifier: Apache-2.0
"""Variational renormalization by a joint energy E(v, h) of spins and coarse spins: Mehta and Schwab, arXiv:1410.3831.

T(v, h) = H(v) - E(v, h) coarse-grains: exp(-H'(h)) = Σ_v exp(T - H) = Σ_v exp(-E).  With F(v) = -ln Σ_h exp(-E),

    ln Σ_h exp(T(v, h)) = H(v) - F(v),

which is 0 at each v where the transformation is exact; then Z' = Z and F is H.  Otherwise, over p = exp(-H)/Z,

    <ln Σ_h exp T>_p = ln(Z'/Z) - KL(p|q),   q = exp(-F)/Z',   so that ln(Z'/Z) = ln <Σ_h exp T>_p is above it.

The bound was Kadanoff's, doi:10.1103/PhysRevLett.34.1005.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["VariationalStep", "spin_couplings", "square_decimation", "variational_step"]


class VariationalStep(NamedTuple):
    """How far a joint energy is from an exact transformation."""

    free_energy_change: float  # -ln(Z'/Z)
    divergence: float  # KL(p|q), in nats
    mean_log_sum: float  # <ln Σ_h exp T>_p
    worst: float  # largest |ln Σ_h exp T(v, h)| over v


def variational_step(H: Float[np.ndarray, " states"], F: Float[np.ndarray, " states"]) -> VariationalStep:
    """Of the energies H(v) and F(v) = -ln Σ_h exp(-E(v, h)) of every state v, in units of the temperature.

    Law: mean_log_sum = -free_energy_change - divergence; divergence >= 0, and 0 where F - H is a constant.
    """
    log_z, log_z_new = np.logaddexp.reduce(-H), np.logaddexp.reduce(-F)
    log_p, log_q = -H - log_z, -F - log_z_new
    p = np.exp(log_p)
    return VariationalStep(float(log_z - log_z_new), float(p @ (log_p - log_q)), float(p @ (H - F)),
                           float(np.abs(H - F).max()))  # fmt: skip


def spin_couplings(log_weight: Float[np.ndarray, " states"]) -> Float[np.ndarray, " products"]:
    """K_S of ln w(s) = Σ_S K_S Π_{i in S} s_i, from ln w of all 2^n states, for all 2^n sets S.

    States by number: bit i is 0 where s_i = 1.  Sets by number: bit i is 1 where i is in S; K_0 is the constant.
    Law: Σ_S K_S² = mean of ln² w.  Cost: n 2^n.
    """
    K, n = np.array(log_weight, float), int(np.log2(len(log_weight)))
    for i in range(n):
        up, down = np.moveaxis(K.reshape(-1, 2, 2**i), 1, 0)
        K = np.stack([up + down, up - down], axis=1).reshape(-1) / 2
    return K


def square_decimation(K: float) -> tuple[float, float, float]:
    """Couplings of a square lattice without every second site: neighbors, at distance 2, of four around a hole.

    Σ_s exp(K s (s₁ + s₂ + s₃ + s₄)): ¼ ln cosh 4K, by two sites each; ⅛ ln cosh 4K; ⅛ ln cosh 4K - ½ ln cosh 2K.
    Ref: Maris and Kadanoff 1978, doi:10.1119/1.11224.
    """
    four, two = (np.logaddexp(x, -x) - np.log(2) for x in (4 * K, 2 * K))
    return float(four / 4), float(four / 8), float(four / 8 - two / 2)
