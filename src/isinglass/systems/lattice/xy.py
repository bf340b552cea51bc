# SPDX-License-Identifier: Apache-2.0
"""The XY model: planar spins, unit vectors (cos θ, sin θ) at each site."""

from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import GlobalRotation, Reflection
from isinglass.symmetry.variable import AbstractVariable, Angles
from isinglass.systems.graph import Graph, make_lattice, sides_of
from isinglass.systems.system import AbstractPairSystem, finite, positive

__all__ = ["XY"]


class XY(AbstractPairSystem):
    """E(θ) = -J Σ_<ij> cos(θ_i - θ_j), θ in [0, 2π).  Law: E(θ + α) = E(θ) = E(-θ).

    Shape: θ as the lattice, radian.  Unit: J = k_B = 1.  In 2D: vortices unbind at T = 0.8929, no long-range order.
    Ref: Kosterlitz and Thouless 1973, doi:10.1088/0022-3719/6/7/010.
    """

    graph: Graph
    beta: Float[Array, ""]
    J: Float[Array, "*bonds"]
    variable: ClassVar[AbstractVariable] = Angles()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, temperature=1.0, J=1.0, lattice: str | Graph = "square"):
        """`lattice` as for Ising."""
        self.graph = lattice if isinstance(lattice, Graph) else make_lattice(lattice, sides_of(shape))
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(finite("J", J), float)
        self.symmetries = (GlobalRotation(), Reflection(self.variable), *self.graph.symmetries)

    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b) = -cos(a - b)."""
        return -jnp.cos(a - b)

    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v = 0: no field."""
        return jnp.zeros_like(a)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """An angle uniform in [0, 2π)."""
        return jax.random.uniform(key, x.shape, x.dtype, 0.0, 2 * jnp.pi)

    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R θ = 2φ - θ, the reflection about a random direction φ."""
        axis = jax.random.uniform(key, (), x.dtype, 0.0, jnp.pi)
        return (2 * axis - x) % (2 * jnp.pi)

    def random_configuration(self, key) -> Float[Array, "*site"]:
        """Each angle uniform in [0, 2π)."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """|m| = |(1/N) Σ_i exp(iθ_i)|; in 2D it falls to 0 with the lattice size at any T > 0."""
        return jnp.hypot(jnp.mean(jnp.cos(x)), jnp.mean(jnp.sin(x)))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """None: not known on a finite lattice."""
        return None


def examples() -> dict[str, XY]:
    """A small instance by name, on which the tests check every law."""
    return {"xy": XY((4, 4), temperature=0.9)}
