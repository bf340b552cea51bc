# SPDX-License-Identifier: Apache-2.0
"""A system with two metastable states, distinguished by its order parameter."""

import math
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.systems.system import AbstractSystem

__all__ = ["TwoStates"]


class TwoStates(eqx.Module):
    """Free-energy difference in kT: ln P(first) / P(second)."""

    system: AbstractSystem
    first: Callable = eqx.field(static=True)  # order parameter -> whether the configuration is in the first state

    def in_first(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The indicator of the first state: 1 inside it, else 0."""
        return jnp.where(self.first(self.system.order_parameter(x)), 1.0, 0.0)

    @staticmethod
    def difference(p: float, error: float) -> tuple[float, float]:
        """ln [p / (1 - p)] for the probability p of the first state, and its error δp / (p (1 - p))."""
        if not 0 < p < 1:
            return (math.inf if p >= 1 else -math.inf), math.inf
        return math.log(p / (1 - p)), error / p / (1 - p)
