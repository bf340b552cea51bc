# SPDX-License-Identifier: Apache-2.0
"""A system with two states: which configurations are in the first one, by its order parameter."""

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
    first: Callable = eqx.field(static=True)  # of the order parameter: is it that of the first state?

    def in_first(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """1 in the first state, else 0."""
        return jnp.where(self.first(self.system.order_parameter(x)), 1.0, 0.0)

    @staticmethod
    def difference(p: float, error: float) -> tuple[float, float]:
        """ln p/(1 - p) of the probability p of the first state, and its error δp / (p (1 - p))."""
        if not 0 < p < 1:
            return (math.inf if p >= 1 else -math.inf), math.inf
        return math.log(p / (1 - p)), error / p / (1 - p)
