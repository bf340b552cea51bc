# SPDX-License-Identifier: Apache-2.0
"""The double well: two unequal minima along x_1, harmonic in the other directions."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.exact.surface import double_well
from isinglass.memory import require_memory
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem, finite, positive, whole

__all__ = ["DoubleWell"]


class DoubleWell(AbstractSystem):
    """E(x) = a/4 x_1⁴ - b/2 x_1² + c x_1 + d/2 Σ_(i>1) x_i²: wells at x_1 = -2.53 (the deeper one) and 2.36.

    Shape: x (n,).  Unit: kT = 1 at temperature 1.  Law: the x_i are independent; E(-x; c) = E(x; -c).
    Ref: Noé et al. 2019, arXiv:1812.01729.
    """

    beta: Float[Array, ""]
    a: Float[Array, ""]
    b: Float[Array, ""]
    c: Float[Array, ""]
    d: Float[Array, ""]
    n: int = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, n: int = 2, *, temperature=1.0, a=1.0, b=6.0, c=1.0, d=1.0):
        """`n` coordinates, the first with the two wells."""
        n = whole("n", n, 1)
        require_memory("coordinates", 8 * n, f"n = {n}")
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.a, self.d = (jnp.asarray(positive(name, value)) for name, value in (("a", a), ("d", d)))
        self.b, self.c, self.n = jnp.asarray(finite("b", b), float), jnp.asarray(finite("c", c), float), n
        self.symmetries = (Reflection(),) if c == 0 else ()

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.n,)

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x) = a/4 x_1⁴ - b/2 x_1² + c x_1 + d/2 Σ x_i²."""
        a, b, c, d = (coefficient.astype(x.dtype) for coefficient in (self.a, self.b, self.c, self.d))
        first, rest = x[0], x[1:]
        return first * (c + first * (-b / 2 + a / 4 * first * first)) + d / 2 * jnp.sum(rest * rest)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """x_1 ~ N(0, 9), which covers both wells, else N(0, 1): a starting configuration, not a sample at beta = 0."""
        return jax.random.normal(key, self.shape) * jnp.ones(self.n).at[0].set(3.0)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """x_1, whose sign distinguishes the wells."""
        return x[0]

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """<E>/n by quadrature: <u(x_1)> + ½ (n - 1) T."""
        a, b, c = float(self.a), float(self.b), float(self.c)
        well = [double_well.average(lambda x: double_well.potential(x, a, b, c), 1 / T, a, b, c) for T in temperature]
        return (np.array(well) + (self.n - 1) * np.asarray(temperature) / 2) / self.n


def examples() -> dict[str, DoubleWell]:
    """Instances by name, on which the tests check every law."""
    return {"double_well": DoubleWell(), "double_well_even": DoubleWell(3, c=0.0, temperature=2.0)}
