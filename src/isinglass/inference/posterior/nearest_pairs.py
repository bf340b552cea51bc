# SPDX-License-Identifier: Apache-2.0
"""Rejection: the θ of pairs whose data are within ε of the observation are draws of p(θ given |z - z_o| <= ε).

Pritchard et al. 1999, doi:10.1093/oxfordjournals.molbev.a026091; the error of the mean falls as ε²: Barber, Voss and
Webster 2015, arXiv:1311.2038.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Accepted", "adjusted", "can_adjust", "nearest"]

PAIRS_AN_ENTRY = 5  # accepted pairs for each entry of the data, from which a regression is of use


class Accepted(NamedTuple):
    """Pairs within ε of an observation."""

    rows: Int[np.ndarray, " k"]
    distance: Float[np.ndarray, " k"]
    epsilon: float


def nearest(z: Float[np.ndarray, "n m"], z_o: Float[np.ndarray, " m"], n: int) -> Accepted:
    """The n nearest rows by |z - z_o|, with all that are as near as the n-th: ties have no order."""
    distance = np.linalg.norm(z - z_o, axis=1)
    epsilon = float(np.partition(distance, n - 1)[n - 1])
    rows = np.flatnonzero(distance <= epsilon)
    return Accepted(rows, distance[rows], epsilon)


def can_adjust(accepted: float, entries: int) -> bool:
    """Whether a regression on so many pairs tells more than their noise."""
    return accepted >= PAIRS_AN_ENTRY * (entries + 1)


def adjusted(
    u: Float[np.ndarray, "k d"], z: Float[np.ndarray, "k m"], z_o: Float[np.ndarray, " m"],
    weight: Float[np.ndarray, " k"] | None = None,
) -> Float[np.ndarray, "k d"]:  # fmt: skip
    """u + (z_o - z) β, β by least squares of u on z.  Law: exact where u given z is linear with noise of one law.

    Residuals are widened by √(k/(k - p)) for p fitted numbers.  Ref: Beaumont, Zhang and Balding 2002,
    doi:10.1093/genetics/162.4.2025, eq. 5, with equal weights up to ε.
    """
    w = np.full(len(u), 1 / len(u)) if weight is None else weight / weight.sum()
    mean_u, mean_z = w @ u, w @ z
    root = np.sqrt(w)[:, None]
    beta, _, rank, _ = np.linalg.lstsq(root * (z - mean_z), root * (u - mean_u), rcond=1e-9)
    number = 1 / float(np.sum(w**2))
    residual = (u - mean_u - (z - mean_z) @ beta) * (number / max(number - rank - 1, 1.0)) ** 0.5
    return mean_u + (z_o - mean_z) @ beta + residual
