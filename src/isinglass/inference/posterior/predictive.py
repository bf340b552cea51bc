# SPDX-License-Identifier: Apache-2.0
"""Data simulated at parameters of a posterior, x_rep ~ p(x given θ), θ ~ q(θ given x)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Key, Shaped

from isinglass.inference.posterior.farmed import Farming, is_external
from isinglass.inference.posterior.simulations import simulate_at

__all__ = ["replications"]

MOST, MOST_EXTERNAL, LEAST = 4000, 300, 100


def replications(
    key: Key[Any, ""], simulate: Any, theta: Float[np.ndarray, "K d"], names: tuple[str, ...], simulations: int,
    farming: Farming, progress: Callable[[int, int, str], None],
) -> tuple[Shaped[np.ndarray, "n *data"], int]:  # fmt: skip
    """Those that work, at the first samples θ, and how many were asked for; they are not kept on disk.

    Of JAX as many as were simulated for the training, at most 4000; else a tenth of it, from 100 to 300.
    """
    external = is_external(simulate)
    n = max(LEAST, min(MOST_EXTERNAL, simulations // 10)) if external else min(MOST, max(LEAST, simulations))
    theta = theta[np.isfinite(theta).all(axis=1)][:n]
    if external:
        return simulate_at(key, simulate, theta, names, progress, replace(farming, store=None)).x, len(theta)
    with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  what fails is counted
        draw = jax.jit(jax.vmap(lambda key, theta: simulate(key, theta)))
        made = draw(jax.random.split(key, len(theta)), jax.numpy.asarray(theta))
    return np.asarray(made, float), len(theta)
