# SPDX-License-Identifier: Apache-2.0
"""The Müller-Brown surface V(x, y) = Σ_k A_k exp(a_k dx² + b_k dx dy + c_k dy²): Boltzmann averages by Gauss's rule.

The box [-2, 1.6] x [-0.8, 2.5] is part of the definition: at kT >= 15 what lies outside would count.
Ref: Müller and Brown 1979, doi:10.1007/BF00547608.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

__all__ = ["BOX", "MINIMA", "TERMS", "average", "log_partition_function", "population", "potential"]

TERMS = np.array(  # A, a, b, c, x0, y0
    [
        [-200.0, -1.0, 0.0, -10.0, 1.0, 0.0],
        [-100.0, -1.0, 0.0, -10.0, 0.0, 0.5],
        [-170.0, -6.5, 11.0, -6.5, -0.5, 1.5],
        [15.0, 0.7, 0.6, 0.7, -1.0, 1.0],
    ]
)
BOX = np.array([[-2.0, 1.6], [-0.8, 2.5]])  # x and y from, to
MINIMA = np.array([[-0.55822363, 1.44172584], [0.62349940, 0.02803776], [-0.05001082, 0.46669410]])


def potential(x: Float[np.ndarray, "*n"], y: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
    """V(x, y) = Σ_k A_k exp(a_k dx² + b_k dx dy + c_k dy²), dx = x - x_k, dy = y - y_k."""
    V = np.zeros(np.shape(x))
    for A, a, b, c, x0, y0 in TERMS:
        V = V + A * np.exp(a * (x - x0) ** 2 + b * (x - x0) * (y - y0) + c * (y - y0) ** 2)
    return np.asarray(V)


def nodes(n: int = 240) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y and weights of n² Gauss nodes in the box, split at x = 0 and y = 0.75 where the populations are cut."""
    node, weight = np.polynomial.legendre.leggauss(n // 2)

    def split(low: float, cut: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        parts = [(edge + (end - edge) * (node + 1) / 2, (end - edge) * weight / 2) for edge, end in
                 ((low, cut), (cut, high))]  # fmt: skip
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    (x, wx), (y, wy) = split(BOX[0, 0], 0.0, BOX[0, 1]), split(BOX[1, 0], 0.75, BOX[1, 1])
    X, Y = np.meshgrid(x, y, indexing="ij")
    return X.ravel(), Y.ravel(), np.outer(wx, wy).ravel()


def log_partition_function(temperature: float) -> float:
    """ln ∫_box dx dy exp(-V/kT)."""
    x, y, w = nodes()
    V = potential(x, y)
    return float(np.log(w @ np.exp((V.min() - V) / temperature)) - V.min() / temperature)


def average(f: Callable[[np.ndarray, np.ndarray], np.ndarray], temperature: float) -> float:
    """<f(x, y)> over the box."""
    x, y, w = nodes()
    V = potential(x, y)
    p = w * np.exp((V.min() - V) / temperature)
    return float(p @ f(x, y) / p.sum())


def population(temperature: float) -> tuple[float, float]:
    """P(x > 0) and P(y < 0.75): the fraction in the lower right basins."""
    right = average(lambda x, y: (x > 0).astype(float), temperature)
    return right, average(lambda x, y: (y < 0.75).astype(float), temperature)
