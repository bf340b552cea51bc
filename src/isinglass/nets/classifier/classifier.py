# SPDX-License-Identifier: Apache-2.0
"""A network with one output, read as the logit of a probability."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

__all__ = ["Classifier"]


class Classifier(eqx.Module):
    """Logit z(x) = net(scale x) of the probability that x is ordered, P = 1/(1 + exp(-z))."""

    net: Any
    scale: float = eqx.field(static=True)  # 1/√N for the perceptron: |scale x| = 1 on every lattice size

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, ""]:
        return self.net(x.astype(jnp.float32) * jnp.float32(self.scale), key=key)[0]
