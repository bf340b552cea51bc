# SPDX-License-Identifier: Apache-2.0
"""What one Ising configuration tells of its temperature, exactly: the energy is sufficient, and Z is Kaufman's.

p(T | x) ∝ p(T) exp(-E(x)/T) / Z(T), and the Fisher information of the whole configuration is I(T) = N c / T², c the
specific heat per site: no estimator without bias has a smaller variance than 1/I (Cramér 1946; Rao 1945).
"""

import numpy as np
from jaxtyping import Float

from isinglass.exact.lattice import kaufman

__all__ = ["temperature_information", "temperature_posterior"]

GRID = 801


def temperature_information(T: float, L: int) -> float:
    """I(T) = N c / T² = Var(E) / T⁴ of the L x L torus, J = k_B = 1."""
    return float(L * L * kaufman.specific_heat(T, L) / T**2)


def temperature_posterior(
    energy: Float[np.ndarray, " n"], low: float, high: float, L: int
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Mean and deviation of T given the energy of one configuration, T uniform in [low, high].

    Law: E[(T - mean)²] over prior and configurations is the least of all estimators; E[mean] = (low + high)/2.
    """
    T = np.linspace(low, high, GRID)
    log_p = -energy[:, None] / T - L * L * np.asarray(kaufman.log_partition_function(T, L))
    p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
    p[:, [0, -1]] /= 2  # trapezoidal rule
    p /= p.sum(axis=1, keepdims=True)
    mean = p @ T
    return mean, np.sqrt(np.maximum(p @ T**2 - mean**2, 0.0))
