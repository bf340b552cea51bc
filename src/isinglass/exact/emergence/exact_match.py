# SPDX-License-Identifier: Apache-2.0
"""Sudden or only counted so: scores of k answers at once, and a transition of first order, where one answer jumps.

Ref: Schaeffer, Miranda and Koyejo 2023, arXiv:2304.15004; Györgyi 1990, doi:10.1103/PhysRevA.41.7097.
"""

from math import acos, comb, e, pi

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from isinglass.exact.learning.generalized_linear import SignOutput, Teacher, information, learning_curve, wrong_signs

__all__ = ["LARGEST_SLOPE", "exact_match", "mean_solutions", "perceptron_error", "transition"]

LARGEST_SLOPE = 1 / e  # of exp(-kc/x) by ln x, at x = kc: the same for every k
LEAST, MOST, POINTS = 0.5, 6.0, 300  # of s, on the branch from nothing
MOST_EXAMPLES = 300.0
WHOLE = np.exp(8.0)  # s at which a teacher of finitely many values is known


def exact_match(error: float | Float[np.ndarray, "*x"], k: int) -> float | Float[np.ndarray, "*x"]:
    """(1 - ε)^k: all of k independent answers are right.

    Law: for ε -> c/x its largest slope by ln x tends to 1/e as k grows: it moves with k and never becomes a step.
    """
    return (1 - error) ** k


def perceptron_error(alpha: float) -> float:
    """Share of wrong answers of the best student of normal weights: arccos(√q)/π, q/(1 - q) = α ψ(q).

    Law: tends to 0.442/α.  Errors: ValueError beyond α = 300, which the quadrature does not resolve.
    """
    if not 0 < alpha <= MOST_EXAMPLES:
        raise ValueError(f"α above 0 and at most {MOST_EXAMPLES:g}, got {alpha:g}.")
    output = SignOutput()
    q = brentq(lambda q: q / (1 - q) - alpha * output.gain(q), 1e-9, 1 - 1e-7, xtol=1e-14)
    return wrong_signs(float(q))  # pyright: ignore[reportArgumentType]


def mean_solutions(N: int, n: int) -> float:
    """<number of w = ±1 that agree with a teacher of ±1 on n normal points> = Σ_d C(N, d) (1 - θ_d/π)^n.

    cos θ_d = 1 - 2d/N for d signs that differ: a point tells weights at an angle θ apart with probability θ/π.
    Law: 2^N at n = 0; 1 for n -> ∞.
    """
    return sum(comb(N, d) * (1 - acos(1 - 2 * d / N) / pi) ** n for d in range(N + 1))


def transition(teacher: Teacher) -> tuple[float, float]:
    """(α, q) where Bayes goes from overlap q to 1 at once: data tell as much at q as there is to know of the teacher.

    For a teacher of finitely many values without noise.  Signs through signs: 1.245.
    """
    s = np.linspace(LEAST, MOST, POINTS)
    load, _ = learning_curve(teacher, s)
    last = int(np.flatnonzero(np.diff(load) <= 0)[0])  # the branch ends: message passing goes on to 1
    whole = teacher.prior.information(float(WHOLE))

    def at(s: float) -> tuple[float, float]:
        (alpha,), (q,) = learning_curve(teacher, np.array([s]))
        return float(alpha), float(q)

    left = lambda s: whole - information(teacher, *at(s), s)  # noqa: E731 - not known yet
    return at(float(brentq(left, s[0], s[last], xtol=1e-10)))  # pyright: ignore[reportArgumentType]
