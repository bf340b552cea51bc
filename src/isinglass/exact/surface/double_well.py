# SPDX-License-Identifier: Apache-2.0
"""The double well u(x) = a/4 x⁴ - b/2 x² + c x with Boltzmann weight exp(-β u), by Gauss's rule.

With harmonic directions d/2 y² beside it, each adds ½ ln(2π/(β d)) to ln Z and ½/β to the energy.
Ref: Noé et al. 2019, arXiv:1812.01729 (a = 1, b = 6, c = 1, d = 1).
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

__all__ = [
    "average",
    "density",
    "free_energy_difference",
    "log_partition_function",
    "potential",
    "stationary_points",
]


def potential(x: Float[np.ndarray, "*n"], a: float = 1.0, b: float = 6.0, c: float = 1.0) -> Float[np.ndarray, "*n"]:
    """u(x) = a/4 x⁴ - b/2 x² + c x."""
    return np.asarray(a / 4 * x**4 - b / 2 * x**2 + c * x)


def stationary_points(a: float = 1.0, b: float = 6.0, c: float = 1.0) -> Float[np.ndarray, " n"]:
    """The real roots of a x³ - b x + c, ascending: left minimum, barrier, right minimum where there are three."""
    roots = np.roots([a, 0.0, -b, c])
    return np.sort(roots[np.abs(roots.imag) < 1e-9].real)


def nodes(beta: float, a: float, b: float, c: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes x and log weights of exp(-β u) dx: 100 panels of 16 nodes where the weight is above exp(-60)."""
    scale = np.sqrt(2 * max(b, 0.0) / a) + (240 / (beta * a)) ** 0.25 + (abs(c) * 4 / a) ** (1 / 3)
    node, weight = np.polynomial.legendre.leggauss(16)
    edges = np.linspace(-scale, scale, 101)
    half = scale / 100
    x = (edges[:-1, None] + half * (node + 1)).ravel()
    return x, np.tile(np.log(half * weight), 100) - beta * potential(x, a, b, c)


def log_partition_function(
    beta: float = 1.0, a: float = 1.0, b: float = 6.0, c: float = 1.0, harmonic: tuple[float, ...] = ()
) -> float:
    """ln ∫ dx exp(-β u(x)) + Σ_i ½ ln(2π/(β d_i)).  Law: ln √(2π/(-β b)) as a, c -> 0 with b < 0."""
    return float(
        np.logaddexp.reduce(nodes(beta, a, b, c)[1]) + sum(np.log(2 * np.pi / (beta * d)) / 2 for d in harmonic)
    )


def average(
    f: Callable[[np.ndarray], np.ndarray], beta: float = 1.0, a: float = 1.0, b: float = 6.0, c: float = 1.0
) -> float:
    """<f(x)> over exp(-β u).  Law: <x u'(x)> = 1/β."""
    x, log_weight = nodes(beta, a, b, c)
    return float(np.exp(log_weight - np.logaddexp.reduce(log_weight)) @ f(x))


def free_energy_difference(beta: float = 1.0, a: float = 1.0, b: float = 6.0, c: float = 1.0) -> float:
    """ln P(x < 0) / P(x > 0) = β (F_right - F_left).  Law: 0 at c = 0, and c -> -c changes its sign."""
    x, log_weight = nodes(beta, a, b, c)  # 0 is the edge of a panel
    return float(np.logaddexp.reduce(log_weight[x < 0]) - np.logaddexp.reduce(log_weight[x > 0]))


def density(
    x: Float[np.ndarray, "*n"], beta: float = 1.0, a: float = 1.0, b: float = 6.0, c: float = 1.0
) -> Float[np.ndarray, "*n"]:
    """p(x) = exp(-β u(x)) / Z.  Law: ∫ p = 1."""
    return np.asarray(np.exp(-beta * potential(x, a, b, c) - log_partition_function(beta, a, b, c)))
