# SPDX-License-Identifier: Apache-2.0
"""The largest eigenvalue of white noise: Tracy and Widom's law at the edge of Marchenko and Pastur, real numbers.

Ref: Tracy & Widom 1996, doi:10.1007/BF02099545; Johnstone 2001, doi:10.1214/aos/1009210544;
Ferrari & Spohn 2005, arXiv:math-ph/0505012; Bornemann 2010, arXiv:0804.2543.
"""

from functools import cache
from math import sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import airy

__all__ = ["edge_law", "tracy_widom", "tracy_widom_quantile"]

NODES = 60
FARTHEST = 16.0  # Ai(16) = 1e-20
LOWEST, HIGHEST = -10.0, 14.0


def tracy_widom(s: float) -> float:
    """F(s) = det(1 - K) on [0, ∞), K(x, y) = Ai(x + y + s), by Gauss and Legendre's rule; real numbers.

    Law: F(0.9793) = 0.95.
    """
    half, (x, weight) = max(FARTHEST - s, 2.0) / 2, nodes()
    x, root = half * (x + 1), np.sqrt(half * weight)
    return float(np.linalg.det(np.eye(NODES) - root[:, None] * airy(x[:, None] + x + s)[0] * root))


@cache
def nodes() -> tuple[np.ndarray, np.ndarray]:
    """On [-1, 1], with their weights."""
    return np.polynomial.legendre.leggauss(NODES)


@cache
def tracy_widom_quantile(p: float) -> float:
    """The s of F(s) = p."""
    return float(brentq(lambda s: tracy_widom(s) - p, LOWEST, HIGHEST))  # pyright: ignore[reportArgumentType]


def edge_law(n: int, p: int) -> tuple[float, float]:
    """Center and scale of the top eigenvalue of X^T X/n, X [n, p] white: (λ - center)/scale has Tracy and Widom's law.

    With halves, exact to the order of N^(-2/3): Ma 2012, doi:10.3150/10-BEJ378.
    """
    a, b = sqrt(n - 0.5), sqrt(p - 0.5)
    return (a + b) ** 2 / n, (a + b) * (1 / a + 1 / b) ** (1 / 3) / n
