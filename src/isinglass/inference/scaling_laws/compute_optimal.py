# SPDX-License-Identifier: Apache-2.0
"""The split of a compute C = κ N D, κ = 6, between parameters and tokens that has the smallest loss.

∂L/∂(ln N) = ∂L/∂(ln D) at fixed C, that is α A N^-α = β B D^-β, gives (arXiv:2203.15556, eq. 4)
N = G (C/κ)^(β/(α+β)), D = (C/κ)^(α/(α+β)) / G, G = (α A / (β B))^(1/(α+β)).
"""

from typing import NamedTuple

import numpy as np

from isinglass.inference.scaling_laws.power_law import LossLaw, bounded_exp

__all__ = ["ComputeSplit", "optimal_split"]


class ComputeSplit(NamedTuple):
    """For each law and compute, [..., computes]."""

    parameters: np.ndarray
    tokens: np.ndarray
    loss: np.ndarray


def optimal_split(law: LossLaw, compute: np.ndarray, flop: float = 6.0) -> ComputeSplit:
    """Law: κ N D = C, and no other split of C has a smaller loss."""
    (A, B), (alpha, beta) = (np.moveaxis(a, -1, 0)[..., None] for a in (law.coefficient, law.exponent))
    log_G = (np.log(alpha * A) - np.log(beta * B)) / (alpha + beta)
    log_C = np.log(compute / flop)
    log_N, log_D = log_G + log_C * beta / (alpha + beta), log_C * alpha / (alpha + beta) - log_G
    terms = bounded_exp(np.log(A) - alpha * log_N) + bounded_exp(np.log(B) - beta * log_D)
    return ComputeSplit(bounded_exp(log_N), bounded_exp(log_D), law.floor[..., None] + terms)
