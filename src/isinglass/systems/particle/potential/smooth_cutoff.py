# SPDX-License-Identifier: Apache-2.0
"""A factor that takes an energy to 0 at a cutoff without a jump in force.  Ref: Brooks et al. 1983 (CHARMM)."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.errors import InputError

__all__ = ["checked_range", "switched"]


def switched(
    square: Float[Array, "*places"], onset: float | Float[Array, "*places"], cutoff: float | Float[Array, "*places"]
) -> Float[Array, "*places"]:
    """(c² - r²)² (c² + 2 r² - 3 o²) / (c² - o²)³ between onset o and cutoff c; 1 below, 0 beyond.

    `square`: r².  Law: value and slope are continuous; doi:10.1002/jcc.540040211, appendix.
    """
    o, c = onset**2, cutoff**2
    s = jnp.clip(square, o, c)
    return (c - s) ** 2 * (c + 2 * s - 3 * o) / (c - o) ** 3


def checked_range(onset: float, cutoff: float) -> None:
    """Errors: InputError where the cutoff is not beyond the onset."""
    if not 0 <= onset < cutoff < float("inf"):
        raise InputError("0 <= onset < cutoff", f"onset = {onset}, cutoff = {cutoff}", "choose e.g. onset 0.8 cutoff")
