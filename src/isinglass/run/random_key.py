# SPDX-License-Identifier: Apache-2.0
"""A random key, from what a user may give for one."""

from numbers import Integral
from typing import Any

from isinglass.errors import InputError

__all__ = ["random_key"]


def random_key(key: Any) -> Any:
    """A typed JAX key, from one, from a raw one, or from a whole number."""
    import jax

    if isinstance(key, Integral) and not isinstance(key, bool) and -(2**63) <= int(key) < 2**63:
        return jax.random.key(int(key))
    if isinstance(key, jax.Array) and jax.numpy.issubdtype(key.dtype, jax.dtypes.prng_key) and key.shape == ():
        return key
    if isinstance(key, jax.Array) and str(key.dtype) == "uint32" and key.shape == (2,):
        return jax.random.wrap_key_data(key)
    found = repr(key) if isinstance(key, int | float | str) else type(key).__name__
    raise InputError(
        "a random key or a whole number of 64 bits", found[:60], "give the key first: 0 or jax.random.key(0)"
    )
