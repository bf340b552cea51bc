# SPDX-License-Identifier: Apache-2.0
"""Fitted linear models as what they predict, to be kept and loaded."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["LinearClasses", "LinearPredictor"]


class LinearPredictor(eqx.Module):
    """y = b + (x - c)·w with covariance σ² [level + z^T P z], z = (x - c)/scale, and noise σ."""

    coefficients: Float[Array, " p"]
    at_center: Float[Array, ""]
    center: Float[Array, " p"]
    scale: Float[Array, " p"]
    standard: Float[Array, "p p"]
    level: Float[Array, ""]
    noise: Float[Array, ""]

    def __call__(self, x: Float[Array, " p"]) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
        """Mean of y, its error from the coefficients, and the deviation of a new y, for one row of inputs."""
        z = (x - self.center) / self.scale
        error2 = self.noise**2 * (self.level + z @ self.standard @ z)
        return (
            self.at_center + (x - self.center) @ self.coefficients,
            jnp.sqrt(error2),
            jnp.sqrt(error2 + self.noise**2),
        )


class LinearClasses(eqx.Module):
    """P(class k given x) = softmax_k(b_k + (x - c)·w_k), with w_0 = b_0 = 0."""

    coefficients: Float[Array, "k p"]
    at_center: Float[Array, " k"]
    center: Float[Array, " p"]

    def __call__(self, x: Float[Array, " p"]) -> Float[Array, " k"]:
        """Probabilities of all classes, for one row of inputs."""
        return jax.nn.softmax(self.at_center + self.coefficients @ (x - self.center))
