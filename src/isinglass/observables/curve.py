# SPDX-License-Identifier: Apache-2.0
"""A measured curve: values with standard errors."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["Curve", "mean_curve"]


class Curve(NamedTuple):
    """Values with standard errors, from independent samples."""

    value: Float[np.ndarray, " points"]
    error: Float[np.ndarray, " points"]


def mean_curve(each: Float[np.ndarray, "n points"]) -> Curve:
    """Mean over independent samples; its standard error is the standard deviation over √n."""
    return Curve(each.mean(axis=0), each.std(axis=0, ddof=1) / len(each) ** 0.5)
