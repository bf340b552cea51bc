# SPDX-License-Identifier: Apache-2.0
"""What is measured of a phi^4 field: <φ²>, <φ⁴>, χ = V <φ̄²>, the correlator of slices and the pole mass."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.result import Estimate

__all__ = ["NAMES", "estimates", "measure", "pole_mass"]

NAMES = {"phi2": "phi_squared", "phi4": "phi_fourth", "chi": "susceptibility"}


def measure(x: Float[Array, "*site"]) -> dict[str, Float[Array, "..."]]:
    """Of one configuration; in double precision.

    slices: C(t) = (1/L) Σ_t0 Φ(t0) Φ(t0 + t) / L, Φ(t) = Σ_x φ(t, x), averaged over both directions, t = 0 ... L/2.
    """
    x = x.astype(float)
    square = x * x
    return {
        "m": jnp.mean(x),
        "phi2": jnp.mean(square),
        "phi4": jnp.mean(square * square),
        "chi": x.size * jnp.mean(x) ** 2,
        "slices": (slice_correlator(x.sum(axis=1)) + slice_correlator(x.sum(axis=0))) / 2,
    }


def slice_correlator(profile: Float[Array, " L"]) -> Float[Array, " half"]:
    """(1/L²) Σ_t0 Φ(t0) Φ(t0 + t)."""
    L = profile.shape[0]
    return jnp.stack([jnp.dot(profile, jnp.roll(profile, -t)) for t in range(L // 2 + 1)]) / L**2


def pole_mass(correlator: Float[np.ndarray, "*n half"]) -> Float[np.ndarray, "*n"]:
    """m_p from C(t) ∝ cosh(m_p (t - L/2)): cosh m_p = C(L/2 - 1) / C(L/2), where the lightest state alone is left."""
    return np.asarray(np.arccosh(np.maximum(correlator[..., -2] / correlator[..., -1], 1.0)))


def estimates(groups: dict[str, Float[np.ndarray, "groups ..."]]) -> dict[str, Estimate]:
    """Means over independent groups (chains) with their errors; the mass by jackknife over them."""
    n = len(groups["m"])
    found = {
        name: Estimate(float(groups[key].mean()), float(groups[key].std(ddof=1) / n**0.5))
        for key, name in NAMES.items()
    }
    C = groups["slices"]
    left_out = pole_mass((C.sum(axis=0) - C) / (n - 1))
    found["pole_mass"] = Estimate(float(pole_mass(C.mean(axis=0))), float(left_out.std() * (n - 1) ** 0.5))
    return found
