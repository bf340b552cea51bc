# SPDX-License-Identifier: Apache-2.0
"""Noisy descent in one dimension, w ← w - η U'(w) + η σ z, z normal: passage times and where it stays, by quadrature.

The chain has the kernel K(w'|w) = N(w'; w - η U'(w), η² σ²); for small η it is Brownian motion in U at the temperature
T = η σ²/2, a step being the time η.
Ref: Kramers 1940, doi:10.1016/S0031-8914(40)90098-2; Hänggi, Talkner & Borkovec 1990, doi:10.1103/RevModPhys.62.251.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

__all__ = ["kramers_exponent", "passage_time", "stationary_density"]

NODES = 600


def kernel(gradient: Callable, rate: float, noise: float, start: Float[np.ndarray, " n"], end: Float[np.ndarray, " m"]):
    """K(end|start), noise = σ²."""
    width = rate * math.sqrt(noise)
    z = (end - (start - rate * np.asarray(gradient(start)))[:, None]) / width
    return np.exp(-(z**2) / 2) / (width * math.sqrt(2 * math.pi))


def passage_time(
    gradient: Callable, rate: float, noise: float, start: float, end: float, lowest: float, nodes: int = NODES
) -> float:  # fmt: skip
    """Mean number of steps τ from `start` to the first w >= `end`; `lowest`: below it the chain never is.

    τ(w) = 1 + ∫_(-∞)^end K(w'|w) τ(w') dw', by Gauss and Legendre's nodes.  Law: at least 1; falls with σ².
    """
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = (end - lowest) / 2 * x + (end + lowest) / 2, (end - lowest) / 2 * weight
    tau = np.linalg.solve(np.eye(nodes) - kernel(gradient, rate, noise, x, x) * weight, np.ones(nodes))
    return float(1 + kernel(gradient, rate, noise, np.array([start]), x)[0] @ (weight * tau))


def stationary_density(
    gradient: Callable, rate: float, noise: float, lowest: float, highest: float, nodes: int = NODES
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Nodes w and the probability at each: p(w') = ∫ K(w'|w) p(w) dw.

    Law: exp(-U/T) for small η, T = η σ²/2.
    """
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x, weight = (highest - lowest) / 2 * x + (highest + lowest) / 2, (highest - lowest) / 2 * weight
    step = kernel(gradient, rate, noise, x, x) * weight
    step /= step.sum(axis=1, keepdims=True)
    A = step.T - np.eye(nodes)
    A[-1] = 1  # one equation follows from the others; the sum of p is 1
    return x, np.linalg.solve(A, np.eye(nodes)[-1])


def kramers_exponent(barrier: float, noise: float) -> float:
    """2 ΔU/σ², the slope of ln(η τ) against 1/η for small η, as η τ ~ exp(ΔU/T) with T = η σ²/2."""
    return 2 * barrier / noise
