# SPDX-License-Identifier: Apache-2.0
"""The pendulum, θ'' = -sin θ (g/l = 1), released at rest at θ_0: sin(θ/2) = k sn(K - t, k), k = sin(θ_0/2)."""

import numpy as np
from jaxtyping import Float
from scipy.special import ellipj, ellipk

__all__ = ["motion", "period"]


def period(amplitude: float) -> float:
    """T = 4 K(k), k = sin(θ_0/2).  Law: 2π for small swings; grows without bound as θ_0 -> π.

    Ref: Abramowitz and Stegun 1964, 17.4; T(1) = 6.6999756644.
    """
    return float(4 * ellipk(np.sin(amplitude / 2) ** 2))


def motion(t: Float[np.ndarray, " n"], amplitude: float) -> Float[np.ndarray, "n 2"]:
    """(θ, θ') at times t.  Law: ½ θ'² - cos θ = -cos θ_0."""
    k = np.sin(amplitude / 2)
    sn, cn, _, _ = ellipj(ellipk(k**2) - np.asarray(t, float), k**2)
    return np.stack([2 * np.arcsin(k * sn), -2 * k * cn], axis=1)
