# SPDX-License-Identifier: Apache-2.0
"""A deep energy model, exp(-E(x))/Z with E a network: a system like any other, so that every chain samples it."""

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem, positive

__all__ = ["LearnedEnergy"]


class LearnedEnergy(AbstractSystem):
    """E(x) = ½ |z|² + f(z), z = (x - center)/width: a normal law in the units of the data, times exp(-f).

    Shape: x `shape`, z flat; f returns one number.  Law: Z is finite for a bounded f, as that of a perceptron with
    tanh; ln Z = Σ ln width + ½ D ln 2π for f = 0.  Ref: LeCun et al. 2006, A tutorial on energy-based learning.
    """

    beta: Float[Array, ""]
    net: Callable
    center: Float[Array, "*site"]
    width: Float[Array, "*site"]
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, net: Callable, center: Any, width: Any, *, beta: Any = 1.0):
        self.net, self.symmetries = net, ()
        self.beta = jnp.asarray(positive("beta", beta)) if isinstance(beta, float | int) else jnp.asarray(beta)
        self.center, self.width = jnp.asarray(center, float), jnp.asarray(width, float)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.center.shape

    def standardized(self, x: Shaped[Array, "*site"]) -> Float[Array, " D"]:
        """z, in the precision of x."""
        return ((x - self.center.astype(x.dtype)) / self.width.astype(x.dtype)).reshape(-1)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        z = self.standardized(x)
        return 0.5 * jnp.sum(z**2) + self.net(z).reshape(()).astype(z.dtype)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Of the normal law, f = 0."""
        return self.center + self.width * jax.random.normal(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """The mean over entries."""
        return jnp.mean(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        return None


def examples() -> dict[str, LearnedEnergy]:
    """A small instance, on which the tests check every law."""
    net = eqx.nn.MLP(6, 1, 8, 1, jnp.tanh, key=jax.random.key(3), dtype=jnp.result_type(float))
    center, width = np.linspace(-1.0, 1.0, 6).reshape(2, 3), np.linspace(0.5, 2.0, 6).reshape(2, 3)
    return {"learned_energy": LearnedEnergy(net, center, width)}
