# SPDX-License-Identifier: Apache-2.0
"""The Müller-Brown surface: three minima and two saddles in the plane, inside a hard box."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Shaped

from isinglass.exact.surface import mueller_brown
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.system import AbstractSystem, positive

__all__ = ["MuellerBrown"]


class MuellerBrown(AbstractSystem):
    """V(x, y) = Σ_k A_k exp(a_k dx² + b_k dx dy + c_k dy²) in the box [-2, 1.6] x [-0.8, 2.5], +∞ outside.

    Outside, log_weight is -∞ and all gradients are 0, never NaN: a Markov chain rejects the step and an importance
    weight is 0.  For training from the energy use a density inside [low, high]: where E = +∞ the mean loss is infinite.
    Shape: (2,).  Unit: kT = temperature.  Law: minima -146.700, -108.167, -80.768.
    Ref: Müller and Brown 1979, doi:10.1007/BF00547608.
    """

    beta: Float[Array, ""]
    low: Float[Array, " 2"]
    high: Float[Array, " 2"]
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, *, temperature=20.0):
        """The deepest basin has probability 98 % at temperature 10, 85 % at 20."""
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.low, self.high = jnp.asarray(mueller_brown.BOX[:, 0]), jnp.asarray(mueller_brown.BOX[:, 1])
        self.symmetries = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(2,): x and y."""
        return (2,)

    def inside(self, x: Shaped[Array, "*site"]) -> Bool[Array, ""]:
        """Whether x is inside the box."""
        return jnp.all((x >= self.low.astype(x.dtype)) & (x <= self.high.astype(x.dtype)))

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """V(x, y), +∞ outside; the exponentials are evaluated at points of the box alone, so that none overflows."""
        at = jnp.where(self.inside(x), x, (self.low.astype(x.dtype) + self.high.astype(x.dtype)) / 2)
        A, a, b, c, x0, y0 = jnp.asarray(mueller_brown.TERMS.T, x.dtype)
        dx, dy = at[0] - x0, at[1] - y0
        V = jnp.sum(A * jnp.exp(a * dx * dx + b * dx * dy + c * dy * dy))
        return jnp.where(self.inside(x), V, jnp.inf)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Uniform in the box, the distribution at beta = 0."""
        return jax.random.uniform(key, (2,), minval=self.low, maxval=self.high)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """x: the coordinate x, about -0.56 in the deepest basin and 0.62 in the second."""
        return x[0]

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """<V>/2, the mean energy per coordinate, by quadrature."""
        return np.array([mueller_brown.average(mueller_brown.potential, float(T)) for T in temperature]) / 2


def examples() -> dict[str, MuellerBrown]:
    """Instances by name, on which the tests check every law."""
    return {"mueller_brown": MuellerBrown()}
