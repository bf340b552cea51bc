# SPDX-License-Identifier: Apache-2.0
"""Motions of a learned equation for many periods, by symplectic steps; energies and phases along them."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.interpolate import CubicHermiteSpline

from isinglass.symmetry.symplectic import gauss_step, orbit

__all__ = ["mean_period", "measured_along", "rollout"]


def rollout(
    model: Callable, starts: Float[Array | np.ndarray, "n phase"], every: float, times: int, substeps: int = 10,
    stages: int = 2,
) -> Float[np.ndarray, "n times phase"]:  # fmt: skip
    """y at 0, every, 2 every, ..., from each start, by Gauss steps of order 2 `stages`, which are symplectic.

    Cost: 24 evaluations of the model in each of `substeps` steps between two times, all starts at once.
    """
    return np.asarray(orbits(model, jnp.asarray(starts), every / substeps, times, substeps, stages))


@eqx.filter_jit
def orbits(
    model: Callable, starts: Float[Array, "n phase"], h: float, times: int, substeps: int, stages: int
) -> Float[Array, "n times phase"]:
    """The same, compiled."""
    step = lambda y: gauss_step(lambda y: model(y), y, h, stages)  # noqa: E731
    return jax.vmap(lambda y: orbit(step, y, times, substeps))(starts)


def measured_along(
    quantity: Callable[[Any], Any], y: Float[Array | np.ndarray, "n times phase"]
) -> Float[np.ndarray, "n times *more"]:
    """A quantity of y, at all times."""
    return np.asarray(jax.jit(jax.vmap(jax.vmap(quantity)))(jnp.asarray(y)))


def mean_period(
    t: Float[np.ndarray, " times"], q: Float[np.ndarray, " times"], p: Float[np.ndarray, " times"]
) -> float:
    """The mean time between crossings of q = 0 upwards, where q has the slope p; NaN for fewer than two.

    Law: exact where q is a cubic between two times; error O(h⁴).
    """
    roots = CubicHermiteSpline(t, q, p).roots(extrapolate=False)
    up = roots[np.interp(roots, t, p) > 0]
    return float((up[-1] - up[0]) / (len(up) - 1)) if len(up) > 1 else float("nan")
