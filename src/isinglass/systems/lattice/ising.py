# SPDX-License-Identifier: Apache-2.0
"""The Ising model and Ising spin glasses: spins ±1 on any lattice or graph."""

from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int8, Shaped

from isinglass.exact.lattice import kaufman
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import Reflection
from isinglass.symmetry.variable import AbstractVariable, Spins
from isinglass.systems.graph import Graph, complete, hypercubic, kagome, make_lattice, sides_of
from isinglass.systems.system import AbstractPairSystem, finite, positive

__all__ = ["Ising", "edwards_anderson", "sherrington_kirkpatrick"]


class Ising(AbstractPairSystem):
    """E(s) = -Σ_<ij> J_ij s_i s_j - h Σ_i s_i, s_i = ±1.

    Shape: s as the lattice.  Unit: J = k_B = 1.  Law: E(-s; h) = E(s; -h).
    Ref: Onsager 1944, doi:10.1103/PhysRev.65.117 (square lattice, exact).
    """

    graph: Graph
    beta: Float[Array, ""]
    J: Float[Array, "*bonds"]
    h: Float[Array, ""]
    variable: ClassVar[AbstractVariable] = Spins()
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, temperature=1.0, J: Any = 1.0, h=0.0, lattice: str | Graph = "square"):
        """`lattice`: square, cubic, triangular, honeycomb, chain, hypercubic, or a Graph.  J: one, or one per bond."""
        shape = sides_of(shape)
        if isinstance(lattice, str) and lattice == "square" and len(shape) != 2:
            lattice = "hypercubic"
        self.graph = lattice if isinstance(lattice, Graph) else make_lattice(lattice, shape)
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(finite("J", J), float)
        self.h = jnp.asarray(finite("h", h), float)
        if self.J.shape not in ((), (self.graph.n_bonds,)):
            raise ValueError(
                f"Expected one coupling J or one for each of the {self.graph.n_bonds} bonds, got shape {self.J.shape}; "
                "the order is that of graph.bonds."
            )
        self.symmetries = ((Reflection(self.variable),) if h == 0 else ()) + (
            self.graph.symmetries if self.J.shape == () else ()
        )

    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b) = -a b."""
        return -(a * b).astype(float)

    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v(a) = -h a."""
        return -self.h * a.astype(float)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """-s, the only other value."""
        return -x

    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R s = -s at every site."""
        return -x

    def random_configuration(self, key) -> Int8[Array, "*site"]:
        """Each spin up or down with probability one half."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Magnetization per site, m = (1/N) Σ_i s_i."""
        return jnp.mean(x.astype(float))

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """Kaufman's solution on the square torus at h = 0 with uniform J > 0; else None."""
        if self.graph.name != "square" or self.J.shape != () or self.J <= 0 or self.h != 0:
            return None
        J = float(self.J)
        return J * np.asarray(kaufman.energy(temperature / J, *self.shape))


def edwards_anderson(key, shape, *, temperature=1.0) -> Ising:
    """Edwards-Anderson ±J spin glass: J_ij = ±1 with equal probability, hypercubic lattice.  Ref: Toulouse 1977."""
    graph = hypercubic(sides_of(shape))
    J = 2.0 * jax.random.bernoulli(key, shape=(graph.n_bonds,)).astype(float) - 1.0
    return Ising(shape, temperature=temperature, J=J, lattice=graph)


def sherrington_kirkpatrick(key, n: int, *, temperature=1.0) -> Ising:
    """Sherrington-Kirkpatrick spin glass: J_ij ~ N(0, 1/N), all pairs.  Ref: doi:10.1103/PhysRevLett.35.1792."""
    graph = complete(n)
    J = jax.random.normal(key, (graph.n_bonds,)) / jnp.sqrt(float(n))
    return Ising((n,), temperature=temperature, J=J, lattice=graph)


def examples() -> dict[str, Ising]:
    """Small instances by name, on which the tests check every law."""
    key = jax.random.key(5)
    return {
        "ising": Ising((4, 4), temperature=2.5),
        "ising_small": Ising((3, 3), temperature=2.5),
        "ising_field": Ising((3, 3), temperature=2.5, h=0.4),
        "ising_triangular": Ising((3, 3), temperature=3.6, lattice="triangular"),
        "ising_honeycomb": Ising((4, 4), temperature=1.5, lattice="honeycomb"),
        "ising_kagome": Ising((2, 2, 3), temperature=1.5, lattice=kagome((2, 2))),
        "ising_chain": Ising((7,), temperature=1.0, lattice="chain"),
        "ising_cubic": Ising((2, 2, 3), temperature=4.5),
        "edwards_anderson": edwards_anderson(key, (3, 3), temperature=1.5),
        "sherrington_kirkpatrick": sherrington_kirkpatrick(key, 10, temperature=0.5),
    }
