# SPDX-License-Identifier: Apache-2.0
"""Is a conditional blind to later ones?  D_ij = max |l_i(x with x_j changed) - l_i(x)| = 0 for j >= i, exactly."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.result import Check

__all__ = ["causality", "dependence"]


def dependence(logits: Callable, a: Int[Array, "n N"], q: int) -> Float[np.ndarray, "N N"]:
    """D_ij over the configurations and all other values of x_j; `logits` maps N numbers 0 .. q-1 to [N, q].

    A difference, not a derivative: it finds what a derivative at one point may miss.  Cost: n N (q - 1) passes.
    """
    N = a.shape[1]
    changed = jnp.arange(N).repeat(q - 1), jnp.tile(jnp.arange(1, q, dtype=a.dtype), N)

    @jax.jit
    def changes(one):
        other = jax.vmap(lambda j, step: one.at[j].set((one[j] + step) % q))(*changed)
        found = jax.lax.map(logits, jnp.concatenate([one[None], other]))  # one by one: each by the same instructions
        return jnp.abs(found[1:] - found[:1]).max(axis=2).reshape(N, q - 1, N).max(axis=1).T

    return np.max([np.asarray(changes(one)) for one in a], axis=0)


def causality(logits: Callable, a: Int[Array, "n N"], q: int) -> Check:
    """No conditional changes with itself or a later variable: the bits are the same.

    Deterministic: no false alarm.  Resolution: any leak that changes one bit of a logit at the given configurations.
    """
    D = dependence(logits, a, q)
    later = np.triu(D)
    law = "no conditional sees its own or a later variable"
    if later.any():
        i, j = np.unravel_index(np.argmax(later), D.shape)
        law += f": number {i} changes with number {j}"
    return Check.at_most(law, float(later.max()), 0.0, tolerance=0.0, source="causality")
