# SPDX-License-Identifier: Apache-2.0
"""Boltzmann's law over finitely many states, p_i = exp(-E_i/T)/Z: the softmax of the logits -E_i/T.

Refs: Jaynes 1957, doi:10.1103/PhysRev.106.620; textbook: Cover & Thomas, Elements of Information Theory, ch. 2 and 12.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize
from scipy.special import entr, logsumexp, rel_entr, softmax

__all__ = [
    "MaximumEntropy",
    "Thermodynamics",
    "boltzmann_law",
    "cross_entropy",
    "fisher_information",
    "maximum_entropy",
    "softmax_hessian",
    "thermodynamics",
]

STEEPEST = 1e-9  # of averages that are met


class Thermodynamics(NamedTuple):
    """In units of k_B = 1.  Law: F = U - T S."""

    log_Z: float
    energy: float  # U = <E>
    entropy: float  # S = -Σ p ln p
    free_energy: float  # F = -T ln Z
    heat_capacity: float  # C = Var(E)/T² = dU/dT


class MaximumEntropy(NamedTuple):
    """p_i ∝ exp(-Σ_a λ_a f_ai)."""

    p: Float[np.ndarray, " n"]
    multipliers: Float[np.ndarray, " a"]
    entropy: float


def boltzmann_law(E: Float[np.ndarray, " n"], T: float = 1.0) -> Float[np.ndarray, " n"]:
    """exp(-E_i/T)/Z.  Law: T -> 0: the lowest states alone; T -> ∞: all alike; E + constant: the same."""
    return softmax(-np.asarray(E) / T)


def thermodynamics(E: Float[np.ndarray, " n"], T: float = 1.0, degeneracy=1.0) -> Thermodynamics:
    """ln Z, U, S, F, C of levels E_i, each of them `degeneracy` states."""
    E = np.asarray(E, float)
    log_weight = np.log(degeneracy) - E / T
    log_Z = float(logsumexp(log_weight))
    p = np.exp(log_weight - log_Z)
    U = float(p @ E)
    return Thermodynamics(log_Z, U, log_Z + U / T, -T * log_Z, float(p @ (E - U) ** 2) / T**2)


def cross_entropy(p: Float[np.ndarray, " n"], q: Float[np.ndarray, " n"]) -> float:
    """H(p, q) = -Σ p ln q = H(p) + KL(p‖q).

    Law: for q of Boltzmann T KL(p‖q) = F[p] - F, F[p] = <E>_p - T S(p): training minimizes a free energy.
    """
    return float(entr(p).sum() + rel_entr(p, q).sum())


def softmax_hessian(logits: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n"]:
    """∂² ln Σ exp(l)/∂l_i ∂l_j = diag p - p p^T: covariances of the states' indicators.

    Law: not negative; a constant added to all logits changes nothing, so that rows sum to 0.
    """
    p = softmax(logits)
    return np.diag(p) - np.outer(p, p)


def fisher_information(f: Float[np.ndarray, "a n"], multipliers: Float[np.ndarray, " a"]) -> Float[np.ndarray, "a a"]:
    """Cov(f_a, f_b) = ∂² ln Z/∂λ_a ∂λ_b of p ∝ exp(-Σ λ_a f_a): of the inverse temperature it is Var(E) = C T²."""
    p = softmax(-np.asarray(multipliers) @ np.asarray(f, float))
    centered = f - (f @ p)[:, None]
    return (centered * p) @ centered.T


def maximum_entropy(f: Float[np.ndarray, "a n"], averages: Float[np.ndarray, " a"]) -> MaximumEntropy:
    """The p of largest entropy with <f_a> = averages: p ∝ exp(-Σ λ_a f_a), λ at the least of ln Z + Σ λ_a <f_a>.

    Law: of an energy it is Boltzmann's law, λ = 1/T.  Errors: ValueError for averages that no p has inside.
    """
    f, wanted = np.atleast_2d(np.asarray(f, float)), np.atleast_1d(np.asarray(averages, float))
    dual = lambda lam: logsumexp(-lam @ f) + lam @ wanted  # noqa: E731
    slope = lambda lam: wanted - f @ softmax(-lam @ f)  # noqa: E731
    start = np.zeros(len(f))
    found = minimize(dual, start, jac=slope, hess=lambda lam: fisher_information(f, lam), method="trust-exact",
                     options={"gtol": STEEPEST, "maxiter": 1000})  # fmt: skip
    if np.abs(slope(found.x)).max() > 100 * STEEPEST * max(1.0, np.abs(wanted).max()):
        raise ValueError(f"averages inside of what the f can take, got {wanted.tolist()}.")
    p = softmax(-found.x @ f)
    return MaximumEntropy(p, found.x, float(entr(p).sum()))
