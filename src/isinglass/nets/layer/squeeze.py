# SPDX-License-Identifier: Apache-2.0
"""Squeezing, (L1, L2, ...) -> (L1/b, L2/b, ..., b^d): the places in a block become channels, the blocks a lattice."""

import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["coarse_shape", "squeeze", "unsqueeze"]


def coarse_shape(shape: tuple[int, ...], block: int) -> tuple[int, ...]:
    """The lattice of blocks."""
    if any(side % block for side in shape):
        raise ValueError(f"expected sides that are multiples of {block}; found {shape}; use another lattice or block.")
    return tuple(side // block for side in shape)


def squeeze(x: Float[Array, "*site"], block: int) -> Float[Array, "*coarse channels"]:
    """Channel = place in the block, in lattice order."""
    coarse, d = coarse_shape(x.shape, block), x.ndim
    split = x.reshape([n for side in coarse for n in (side, block)])
    axes = (*range(0, 2 * d, 2), *range(1, 2 * d, 2))
    return jnp.transpose(split, axes).reshape(*coarse, block**d)


def unsqueeze(y: Float[Array, "*coarse channels"], block: int) -> Float[Array, "*site"]:
    """The lattice put together again.  Law: undoes `squeeze`."""
    *coarse, _ = y.shape
    d = len(coarse)
    axes = tuple(axis for pair in zip(range(d), range(d, 2 * d), strict=True) for axis in pair)
    split = jnp.transpose(y.reshape(*coarse, *(block,) * d), axes)
    return split.reshape([side * block for side in coarse])
