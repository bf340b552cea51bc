# SPDX-License-Identifier: Apache-2.0
"""ln Z is convex in every coupling that ln w is linear in: d² ln Z/dλ² = Var(∂ ln w/∂λ) >= 0."""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["convex_log_z"]

SIGMAS = 4.5  # false alarm 3.4e-6 for one pair of nodes


def convex_log_z(slopes: Float[np.ndarray, "nodes chains"]) -> Check:
    """<∂ ln w/∂λ> at ascending couplings never falls by more than 4.5 errors, taken from independent chains.

    False alarm below 1e-4 for up to 29 pairs.  Resolution: a node that deviates by 4.5 errors and the rise to it.
    """
    law = "ln Z is convex in the coupling (largest fall of its slope, in errors)"
    if slopes.shape[1] < 2 or len(slopes) < 2:
        return Check(f"{law}; one node or chain tells nothing", None, SIGMAS, None, "unknown")
    mean, error = slopes.mean(axis=1), slopes.std(axis=1, ddof=1) / slopes.shape[1] ** 0.5
    joint = np.hypot(error[1:], error[:-1])
    fall = (mean[:-1] - mean[1:]) / np.where(joint > 0, joint, np.finfo(float).tiny)
    return Check.at_most(law, float(fall.max()), SIGMAS)
