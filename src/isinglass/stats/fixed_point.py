# SPDX-License-Identifier: Apache-2.0
"""A mean that does not depend on the order of its terms, and so not on how they are spread over devices."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["fixed_point_mean"]


def fixed_point_mean(x: Float[Array, "*shape n"]) -> Float[Array, "*shape"]:
    """Mean over the last axis, of the terms rounded to integers, which add up exactly.

    Unit of the integers: 2^-40 (2^-18 in 32 bits) of the smallest power of two that is at least every |x|.
    Law: invariant under any permutation of the terms, to the last bit, for n up to 2^20 (2^11); relative to the largest
    term the error is below 2^-40.  Not differentiable.
    """
    integer, bits = (jnp.int64, 40) if jax.config.read("jax_enable_x64") else (jnp.int32, 18)
    largest = jnp.max(jnp.abs(x), axis=-1, keepdims=True)
    scale = jnp.exp2(jnp.ceil(jnp.log2(jnp.maximum(largest, jnp.finfo(x.dtype).tiny * 2.0**bits))))
    total = jnp.sum(jnp.round(x / scale * 2.0**bits).astype(integer), axis=-1)
    return total.astype(x.dtype) * 2.0**-bits * scale[..., 0] / x.shape[-1]
