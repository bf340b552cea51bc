# SPDX-License-Identifier: Apache-2.0
"""Pairs (θ, x) of a simulator: run, checked, and what is lost of them counted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jaxtyping import Key

from isinglass.errors import InputError

if TYPE_CHECKING:
    from isinglass.systems.simulator.prior import Prior

__all__ = ["Simulations", "fewer_rows", "finite_pairs", "run_simulations"]

CHUNK = 4096  # simulations at once


@dataclass(frozen=True, eq=False)
class Simulations:
    """Parameters θ [n, d] and the data x [n, ...] that were simulated with them."""

    theta: np.ndarray
    x: np.ndarray
    names: tuple[str, ...] = ()


def run_simulations(
    key: Key[Any, ""], simulate: Callable, prior: "Prior", n: int, progress: Callable[[int, int, str], None]
) -> Simulations:
    """n pairs: θ of the prior, x = simulate(key, θ), compiled, 4096 at once.

    Errors: InputError for a function that JAX cannot trace, or that does not return one array of numbers.
    """
    example = jax.eval_shape(prior.sample, key)
    try:
        made = jax.eval_shape(simulate, key, example)
    except (jax.errors.JAXTypeError, TypeError) as error:
        found = str(error).splitlines()[0][:200]
        raise InputError("simulate(key, theta), a function of JAX", found, "write it with jax.numpy") from error
    if not hasattr(made, "shape") or made.dtype.kind not in "biuf":
        raise InputError("a simulator that returns one array of real numbers", str(made)[:100], "join what it returns")

    @jax.jit
    def some(keys):
        def one(key):
            key_theta, key_x = jax.random.split(key)
            theta = prior.sample(key_theta)
            return theta, simulate(key_x, theta)

        return jax.vmap(one)(keys)

    keys, parts = jax.random.split(key, n), []
    for first in range(0, n, CHUNK):
        progress(first, n, "simulating")
        with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  what fails is counted
            parts.append(jax.device_get(some(keys[first : first + CHUNK])))
    theta, x = (np.concatenate([np.asarray(part[side], float) for part in parts]) for side in (0, 1))
    return Simulations(theta, x, prior.names)


def finite_pairs(pairs: Simulations, *, rows: bool = False) -> tuple[Simulations, int]:
    """Those whose numbers are all finite, and how many are not; with `rows`, rows of x may be NaN: they are not there.

    Errors: InputError for parameters and data of unequal numbers, or fewer pairs than are needed.
    """
    theta, x = np.asarray(pairs.theta, float), np.asarray(pairs.x, float)
    if theta.ndim == 1:
        theta = theta[:, None]
    if theta.ndim != 2 or x.ndim < 1 or len(theta) != len(x):
        found = f"theta {list(theta.shape)}, x {list(x.shape)}"
        raise InputError("theta [n, d] and x [n, ...], a row of each for a simulation", found, "give equally many rows")
    x = x.reshape(len(x), -1) if x.ndim == 1 else x
    there = np.isfinite(x.reshape(len(x), x.shape[1], -1)).all(axis=2)
    good = np.isfinite(theta).all(axis=1) & (there.any(axis=1) if rows else there.all(axis=1))
    least = max(100, 10 * theta.shape[1])
    if good.sum() < least:
        lost = f", {int((~good).sum())} more not finite" if not good.all() else ""
        raise InputError(f"{least} finite simulations or more", f"{int(good.sum())}{lost}", "simulate more")
    if (different := len(np.unique(theta[good], axis=0))) < least:
        raise InputError(f"{least} different parameters or more", f"{different}", "draw them from the prior")
    names = pairs.names or tuple(f"theta_{i}" for i in range(theta.shape[1]))
    return Simulations(theta[good], x[good], names), int((~good).sum())


def fewer_rows(rng: np.random.Generator, pairs: Simulations) -> Simulations:
    """x [n, rows, ...] with NaN in all but the first k rows, k uniform in 1, ..., rows for each simulation."""
    k = rng.integers(1, pairs.x.shape[1] + 1, len(pairs.x))
    left = np.arange(pairs.x.shape[1])[None] >= k[:, None]
    return Simulations(pairs.theta, np.where(left.reshape(*left.shape, *[1] * (pairs.x.ndim - 2)), np.nan, pairs.x),
                       pairs.names)  # fmt: skip
