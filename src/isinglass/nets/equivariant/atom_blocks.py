# SPDX-License-Identifier: Apache-2.0
"""Work on one atom after another, in blocks that stay in a cache and whose intermediate numbers are never all kept.

Ref: Chen et al. 2016, arXiv:1604.06174, on computing them again.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

__all__ = ["in_blocks"]

BLOCK, WIDE = 32, 2048  # atoms, on a CPU and elsewhere, where memory alone matters


def in_blocks(work: Callable[..., Any], of_atoms: tuple[Any, ...]) -> Any:
    """work(*of_atoms) of arrays whose first axis is the atoms, rows independent of one another, in equal blocks.

    Derivatives compute each block again.  Law: the same as at once, up to rounding.
    Cost: memory of one block beside inputs and outputs.
    """
    n, most = len(jax.tree.leaves(of_atoms)[0]), BLOCK if jax.default_backend() == "cpu" else WIDE
    if n <= most:
        return work(*of_atoms)
    blocks = -(-n // most)
    size = -(-n // blocks)

    def split(a):
        a = jnp.concatenate([a, jnp.broadcast_to(a[-1:], (blocks * size - n, *a.shape[1:]))])
        return a.reshape(blocks, size, *a.shape[1:])

    found = jax.lax.map(jax.checkpoint(lambda block: work(*block)), jax.tree.map(split, of_atoms))
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:])[:n], found)
