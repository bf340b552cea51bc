# SPDX-License-Identifier: Apache-2.0
"""A flow of one layer, and a network that no file can hold."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp

from isinglass.nets.flow.flow import AbstractBijection


class Stretch(AbstractBijection):
    """x_i = exp(a_i) z_i.  Law: ln|det dx/dz| = Σ_i a_i."""

    a: jax.Array
    width: float = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *, key, shape, width=0.1):
        self.shape, self.width = tuple(shape), width
        self.a = width * jax.random.normal(key, self.shape, jnp.float64)

    def forward(self, z):
        return jnp.exp(self.a) * z, self.a.sum()

    def inverse(self, x):
        return jnp.exp(-self.a) * x, -self.a.sum()


class Closure(eqx.Module):
    """x -> f(x) with any f: a function is no setting that a file could hold."""

    f: Callable

    def __call__(self, x):
        return self.f(x)
