# SPDX-License-Identifier: Apache-2.0
"""A spike of known prior in a Wigner matrix, Y = (λ/N) x x^T + W, N -> ∞: what inference can find of x.

<x²> = 1, <W_ij²> = 1/N.  q = overlap of the posterior mean with x; its squared cosine with x is q too.  Fixed points of

    q = Q(λ² q),  Q(s) = <x mean(x)> of the scalar problem

are the stationary points of the potential; the smallest is what Bayes reaches, that from q = 0+ what message passing
does.  Law: for normal x, q = 1 - 1/λ², as for the top eigenvector; for any prior q = 0 is unstable for λ > 1.
Ref: Lesieur, Krzakala & Zdeborová 2017, arXiv:1701.00858; Montanari & Venkataramanan 2021, arXiv:1711.01682.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from isinglass.exact.learning.scalar_prior import AbstractScalarPrior

__all__ = [
    "SpikedWigner",
    "bayes_overlap",
    "fixed_points",
    "message_passing_overlap",
    "overlap_curve",
    "spiked_potential",
    "state_evolution",
]

LEAST = np.log(1e-4)  # of ln s
POINTS = 150


class SpikedWigner(NamedTuple):
    """Prior of the entries and strength of the spike."""

    prior: AbstractScalarPrior
    strength: float  # λ


def state_evolution(model: SpikedWigner, first: float, steps: int) -> Float[np.ndarray, " steps"]:
    """q after each step, q <- Q(λ² q), from `first`."""
    q = [first]
    for _ in range(steps):
        q.append(model.prior.overlap(model.strength**2 * q[-1]))
    return np.array(q[1:])


def fixed_points(model: SpikedWigner) -> list[float]:
    """All q > 0 of q = Q(λ² q): s = λ² q is a zero of Q(s) - s/λ², and at most λ²."""
    excess = lambda u: model.prior.overlap(np.exp(u)) - np.exp(u) / model.strength**2  # noqa: E731
    grid = np.linspace(LEAST, 2 * np.log(model.strength), POINTS)
    value = np.array([excess(u) for u in grid])
    value[-1] = min(value[-1], -1e-300)  # Q <= 1
    between = np.flatnonzero(np.sign(value[1:]) != np.sign(value[:-1]))
    root = [brentq(excess, grid[i], grid[i + 1], xtol=1e-13) if i + 2 < POINTS or value[i] * excess(grid[-1]) < 0
            else grid[-1] for i in between]  # fmt: skip
    return [float(np.exp(u)) / model.strength**2 for u in root]  # pyright: ignore[reportCallIssue, reportArgumentType]


def message_passing_overlap(model: SpikedWigner) -> float:
    """From the top eigenvector, or from almost 0 where it is buried: the smallest fixed point; 0 for λ <= 1."""
    return min(fixed_points(model), default=0.0) if model.strength > 1 else 0.0


def bayes_overlap(model: SpikedWigner) -> float:
    """The fixed point of the smallest potential."""
    return min([*fixed_points(model), 0.0], key=lambda q: spiked_potential(model, q))


def overlap_curve(prior: AbstractScalarPrior, s: Float[np.ndarray, " n"]) -> Float[np.ndarray, "2 n"]:
    """All fixed points (λ, q), by s = λ² q > 0: q = Q(s), λ = √(s/q)."""
    q = np.array([prior.overlap(float(each)) for each in s])
    return np.stack([np.sqrt(s / q), q])


def spiked_potential(model: SpikedWigner, q: float) -> float:
    """λ² (1 - q)²/4 + I(λ² q); its minimum is the information of x in Y for each entry, nat."""
    return model.strength**2 * (1 - q) ** 2 / 4 + model.prior.information(model.strength**2 * q)
