# SPDX-License-Identifier: Apache-2.0
"""Activations by name, so that a network's settings can be written down as plain text."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

__all__ = ["ACTIVATIONS", "activation_function"]


def identity(x: jax.Array) -> jax.Array:
    """f(x) = x.  Makes a network a linear map."""
    return x


ACTIVATIONS: dict[str, Callable] = {
    "relu": jax.nn.relu,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "softplus": jax.nn.softplus,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "identity": identity,
}


def activation_function(name: str) -> Callable:
    """The elementwise function called `name`."""
    if name not in ACTIVATIONS:
        raise ValueError(f"expected an activation among {', '.join(sorted(ACTIVATIONS))}; found {name!r}; choose one.")
    return ACTIVATIONS[name]
