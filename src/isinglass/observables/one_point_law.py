# SPDX-License-Identifier: Apache-2.0
"""The one-point distribution: how the values at a site are distributed."""

from itertools import pairwise

import numpy as np
from jaxtyping import Float

from isinglass.observables.curve import Curve, mean_curve

__all__ = ["one_point_law"]


def one_point_law(x: Float[np.ndarray, "n *site"], edges: Float[np.ndarray, " edges"]) -> Curve:
    """Probability density p(x) in the bins a <= x < b, all sites of a sample together; the error over samples.

    Unit: 1/x.  Law: Σ p (b - a) is the fraction of values inside the edges.
    """
    rows = x.reshape(len(x), -1)
    share = np.stack([((rows >= a) & (rows < b)).mean(axis=1) for a, b in pairwise(edges)], 1)
    return mean_curve(share / np.diff(edges))
