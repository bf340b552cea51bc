# SPDX-License-Identifier: Apache-2.0
"""Geweke's joint distribution test: is a kernel for p(x | y) right?  Geweke 2004, doi:10.1198/016214504000001132.

x ~ p(x), y ~ p(y | x) gives pairs of the joint law at once.  So does going on from such a pair, alternately a new
y ~ p(y | x), and x -> x' by the kernel with this y fixed, if the kernel leaves p(x | y) invariant.  The pair is taken
after the kernel: a fresh y would hide an error that leaves the law of x alone as it is.  Only the last pairs of
independent chains are compared, so that all draws are independent.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from isinglass.result import Check

__all__ = ["joint_distribution", "joint_samples", "moments"]

FALSE_ALARM = 1e-4


def joint_distribution(direct: Float[np.ndarray, "n g"], successive: Float[np.ndarray, "m g"]) -> Check:
    """Means of g test functions of (x, y) agree, largest |z|; rows are independent draws by the two ways.

    False alarm 1e-4, shared among the functions.  Resolution: a shift of (bound + 3) √(2/n) standard deviations of a
    function, 0.11 for n = 10 000 and ten functions, is detected with probability 0.999.
    """
    if len(direct) < 2 or len(successive) < 2 or not (np.isfinite(direct).all() and np.isfinite(successive).all()):
        return Check("joint law of x and y, too few or not finite", None, None, None, "unknown", relation="<=")
    variance = direct.var(axis=0, ddof=1) / len(direct) + successive.var(axis=0, ddof=1) / len(successive)
    difference = np.abs(direct.mean(axis=0) - successive.mean(axis=0))
    z = np.where(difference == 0, 0.0, difference / np.sqrt(np.maximum(variance, 1e-300)))
    bound = float(norm.isf(FALSE_ALARM / 2 / direct.shape[1]))
    law = "the kernel keeps the joint law of x and y, largest deviation in standard errors"
    return Check.at_most(law, float(z.max()), bound, source="Geweke 2004, doi:10.1198/016214504000001132")


def joint_samples(
    key,
    draw_x: Callable[[Any], Any],
    draw_y: Callable[[Any, Any], Any],
    kernel: Callable[[Any, Any, Any], Any],
    functions: Callable[[Any, Any], Float[jax.Array, " g"]],
    *,
    steps: int,
    chains: int = 10_000,
) -> tuple[Float[np.ndarray, "n g"], Float[np.ndarray, "n g"]]:
    """Test functions of pairs sampled directly, and of the last pairs after `steps` rounds from other direct pairs.

    draw_x(key), draw_y(key, x), kernel(key, x, y) -> x'.
    """

    def direct(key):
        key_x, key_y = jax.random.split(key)
        x = draw_x(key_x)
        return x, draw_y(key_y, x)

    def successive(key):
        def round_(pair, key):
            key_x, key_y = jax.random.split(key)
            y = draw_y(key_y, pair[0])
            return (kernel(key_x, pair[0], y), y), None

        key_start, key = jax.random.split(key)
        return jax.lax.scan(round_, direct(key_start), jax.random.split(key, steps))[0]

    keys = jax.random.split(key, (2, chains))
    one, two = (jax.jit(jax.vmap(lambda k, way=way: functions(*way(k))))(k) for way, k in
                zip((direct, successive), keys, strict=True))  # fmt: skip
    return np.asarray(one, float), np.asarray(two, float)


def moments(x: Float[jax.Array, " n"], y: Float[jax.Array, " m"]) -> Float[jax.Array, " g"]:
    """x, x², y, y² and all products x_i y_j."""
    return jnp.concatenate([x, x * x, y, y * y, jnp.outer(x, y).reshape(-1)])
