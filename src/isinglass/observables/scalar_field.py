# SPDX-License-Identifier: Apache-2.0
"""Observables of a scalar field: <φ²>, <φ⁴>, χ = V <φ̄²>, the correlator of slices and the pole mass."""

from functools import partial

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.observables.slice_correlator import pole_mass, slice_correlator

__all__ = ["NAMES", "OBSERVABLES", "mass_of_chains", "measure"]

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


def one_of(x: Float[Array, "*site"], part: str) -> Float[Array, "..."]:
    """One of the observables of `measure`."""
    return measure(x)[part]


OBSERVABLES = {name: partial(one_of, part=part) for part, name in (*NAMES.items(), ("m", "magnetization"))}
OBSERVABLES["slices"] = partial(one_of, part="slices")


def mass_of_chains(slices: Float[np.ndarray, "R M half"]) -> tuple[float, float]:
    """Pole mass of the mean correlator of slices, and its error by jackknife over independent chains."""
    C, n = slices.mean(axis=1), len(slices)
    left_out = pole_mass((C.sum(axis=0) - C) / (n - 1))
    return float(pole_mass(C.mean(axis=0))), float(left_out.std() * (n - 1) ** 0.5)
