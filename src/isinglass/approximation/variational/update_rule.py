# SPDX-License-Identifier: Apache-2.0
"""Optimizers: a step of the parameters from logarithmic derivatives and local energies."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int, Shaped

from isinglass.approximation.variational.log_derivatives import AbstractDerivatives

__all__ = ["AbstractOptimizer", "Adam", "Rate", "rate_at"]

Rate = float | Callable[[Any], Any]  # of the number of steps before


class AbstractOptimizer(eqx.Module):
    """A rule θ <- θ - Δ."""

    @abstractmethod
    def init(self, theta: Shaped[Array, " P"]) -> Any:
        """The state of the optimizer before the first step, for parameters like these."""

    @abstractmethod
    def step(
        self, derivatives: AbstractDerivatives, energies: Shaped[Array, " samples"], memory: Any
    ) -> tuple[Shaped[Array, " P"], Any]:
        """Δ, and the new state of the optimizer."""


class Adam(AbstractOptimizer):
    """Adam (Kingma and Ba 2014, arXiv:1412.6980) along the plain gradient F = <ΔO^† ΔE>.

    Cost: that of F; no matrix.
    """

    rate: Rate = 1e-3

    def init(self, theta):
        """First and second moments."""
        return optax.scale_by_adam().init(theta), jnp.zeros((), jnp.int32)

    def step(self, derivatives, energies, memory):
        """The gradient's first moment over the root of its second."""
        moments, count = memory
        gradient = derivatives.pull(derivatives.centered(energies))
        with jax.numpy_dtype_promotion("standard"):  # which optax relies on
            direction, moments = optax.scale_by_adam().update(gradient, moments)
        return rate_at(self.rate, count, gradient.dtype) * jnp.asarray(direction), (moments, count + 1)


def rate_at(rate: Rate, count: Int[Array, ""], dtype: jnp.dtype) -> Shaped[Array, ""]:
    """The learning rate η of this step."""
    value = rate(count.astype(float)) if callable(rate) else rate
    return jax.lax.convert_element_type(value, dtype)
