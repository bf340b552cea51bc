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

__all__ = ["AbstractOptimizer", "GradientDescent", "Rate", "rate_at"]

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


class GradientDescent(AbstractOptimizer):
    """θ <- θ + u(∂<H>/∂θ), u any transformation of optax that needs no parameters: GradientDescent(optax.adam(1e-3)).

    ∂<H>/∂θ = 2 <ΔO^† ΔE>, by real and imaginary parts.  Cost: that of this force; no matrix.
    Law: a small step of plain descent lowers <H>, but for noise.
    """

    transformation: optax.GradientTransformation

    def init(self, theta):
        """What the transformation remembers."""
        return self.transformation.init(theta)

    def step(self, derivatives, energies, memory):
        """What the transformation makes of the gradient."""
        gradient = 2 * derivatives.pull(derivatives.centered(energies))
        with jax.numpy_dtype_promotion("standard"):  # which optax relies on
            change, memory = self.transformation.update(gradient, memory)
        return -jnp.asarray(change).astype(gradient.dtype), memory


def rate_at(rate: Rate, count: Int[Array, ""], dtype: jnp.dtype) -> Shaped[Array, ""]:
    """The learning rate η of this step."""
    value = rate(count.astype(float)) if callable(rate) else rate
    return jax.lax.convert_element_type(value, dtype)
