# SPDX-License-Identifier: Apache-2.0
"""Is a function invariant under a symmetry?  max over g and x of |f(g x) - f(x)|."""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from isinglass.result import Check

__all__ = ["invariance", "violation"]


def violation(f: Callable, x: Shaped[np.ndarray, "n *site"], actions: Sequence[Callable]) -> float:
    """max_{g, x} |f(g x) - f(x)| for f of one configuration and group elements g: x -> g x."""
    over_x = jax.vmap(f)
    here = over_x(jnp.asarray(x))
    return max(float(jnp.max(jnp.abs(over_x(jax.vmap(g)(jnp.asarray(x))) - here))) for g in actions)


def invariance(
    f: Callable, x: Shaped[np.ndarray, "n *site"], actions: Sequence[Callable], *, name: str, tolerance: float = 1e-5
) -> Check:
    """f(g x) = f(x) to round-off: 1e-5 relative to the largest |f|, right for float32.

    Deterministic: no false alarm but round-off.  Resolution: any violation above the tolerance on the given x.
    """
    scale = max(1.0, float(jnp.max(jnp.abs(jax.vmap(f)(jnp.asarray(x))))))
    measured = violation(f, x, actions) / scale
    return Check.at_most(f"output is invariant under {name}", measured, 0.0, tolerance=tolerance, source="symmetry")
