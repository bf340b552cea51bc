# SPDX-License-Identifier: Apache-2.0
"""Three equal masses chasing each other along a figure eight.  Chenciner and Montgomery 2000, doi:10.2307/2661357."""

import numpy as np
from jaxtyping import Float

__all__ = ["FIGURE_EIGHT_ENERGY", "FIGURE_EIGHT_PERIOD", "figure_eight"]

FIGURE_EIGHT_PERIOD = 6.32591398  # G = m = 1
FIGURE_EIGHT_ENERGY = -1.2871419918


def figure_eight() -> Float[np.ndarray, "12"]:
    """(q, p) when the third mass is in the middle; Simó's numbers.  Law: after one period it is back, within 4e-8."""
    x, v = np.array([0.97000436, -0.24308753]), np.array([-0.93240737, -0.86473146])
    return np.concatenate([x, -x, np.zeros(2), -v / 2, -v / 2, v])
