# SPDX-License-Identifier: Apache-2.0
"""Inspiral, merger and ringdown of two black holes: IMRPhenomD by ripplegw.

Khan et al. 2016, arXiv:1508.07253; Edwards et al. 2024, arXiv:2302.05329 (ripple).
"""

import warnings
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from isinglass.errors import InputError

__all__ = ["binary_black_hole", "load_ripplegw"]

REFERENCE = 20.0  # Hz


@cache
def load_ripplegw() -> Any:
    """The package ripplegw.  Errors: InputError with the line that installs it."""
    try:
        with jax.ensure_compile_time_eval(), jax.numpy_dtype_promotion("standard"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python says of its sources when it compiles them
            import ripplegw  # it computes tables when imported
    except ImportError:
        raise InputError("ripplegw, for waveforms", "none", "install it: pip install 'isinglass[sky]'") from None
    return ripplegw


def binary_black_hole(
    f: Float[Array, " k"], mass: Any, ratio: Any, distance: Any, *, time: Any = 0.0, phase: Any = 0.0,
    spins: tuple[Any, Any] = (0.0, 0.0), reference: float = REFERENCE,
) -> Complex[Array, " k"]:  # fmt: skip
    """h̃(f), + polarization seen face on: chirp mass M (Suns, detector frame), ratio m2/m1 <= 1, distance in Mpc.

    time: of the merger, s.  phase: of h̃ at the frequency `reference` for time = 0, radian, twice that of the orbit.
    spins: along the orbit, in (-1, 1).
    Law: exp(-2πi f t) and exp(iφ) multiply it; 1/D.  Differentiable in all but the grid.
    """
    model = load_ripplegw().waveform("IMRPhenomD", f_ref=reference)
    q = jnp.asarray(ratio, float)
    parts = {"M_c": mass, "eta": q / (1 + q) ** 2, "s1_z": spins[0], "s2_z": spins[1], "d_L": distance,
             "phase_c": 0.0, "iota": 0.0}  # fmt: skip
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):  # as ripplegw is written
        h = model(f, {name: jnp.asarray(value, float) for name, value in parts.items()})["p"]
    angle = phase - 2 * jnp.pi * f * time
    return h * jax.lax.complex(jnp.cos(angle), jnp.sin(angle))
