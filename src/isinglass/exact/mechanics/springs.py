# SPDX-License-Identifier: Apache-2.0
"""Equal masses joined by equal springs between two walls, H = Σ p²/2 + (k/2) Σ (q_(i+1) - q_i)²: its normal modes."""

import numpy as np
from jaxtyping import Float

__all__ = ["frequencies", "motion"]


def frequencies(n: int, k: float = 1.0) -> Float[np.ndarray, " n"]:
    """ω_m = 2 √k sin(π m / (2n + 2)), m = 1 ... n, of waves sin(π m i / (n + 1))."""
    return 2 * np.sqrt(k) * np.sin(np.pi * np.arange(1, n + 1) / (2 * n + 2))


def motion(
    t: Float[np.ndarray, " times"], start: Float[np.ndarray, " phase"], k: float = 1.0
) -> Float[np.ndarray, "times phase"]:
    """(q, p) at times t: every mode a_m(t) = a_m cos ω_m t + b_m sin ω_m t / ω_m."""
    n = len(start) // 2
    i = np.arange(1, n + 1)
    waves = np.sqrt(2 / (n + 1)) * np.sin(np.pi * np.outer(i, i) / (n + 1))
    omega, (a, b) = frequencies(n, k), (start.reshape(2, n) @ waves)
    c, s = np.cos(np.outer(t, omega)), np.sin(np.outer(t, omega))
    return np.concatenate([(c * a + s * b / omega) @ waves, (c * b - s * a * omega) @ waves], axis=1)
