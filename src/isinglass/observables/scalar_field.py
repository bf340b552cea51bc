# SPDX-License-Identifier: Apache-2.0
"""What is measured of a scalar field: <φ²>, <φ⁴>, χ = V <φ̄²>, the correlator of slices and the pole mass."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.observables.slice_correlator import pole_mass, slice_correlator
from isinglass.result import Estimate

__all__ = ["NAMES", "estimates", "measure"]

NAMES = {"phi2": "phi_squared", "phi4": "phi_fourth", "chi": "susceptibility"}


def measure(x: Float[Array, "*site"]) -> dict[str, Float[Array, "..."]]:
    """φ̄, φ², φ⁴, V φ̄² and C(t), averaged over the axes, of one configuration with equal sides; in double precision.

    Law: all but φ̄ are unchanged by φ -> -φ and by translations.
    """
    x = x.astype(float)
    square = x * x
    return {
        "m": jnp.mean(x),
        "phi2": jnp.mean(square),
        "phi4": jnp.mean(square * square),
        "chi": x.size * jnp.mean(x) ** 2,
        "slices": sum((slice_correlator(x, axis) for axis in range(1, x.ndim)), slice_correlator(x, 0)) / x.ndim,
    }


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
