# SPDX-License-Identifier: Apache-2.0
"""The Potts model: q states per site, E = -J for each bond whose two ends agree."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int8, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.value import ValuePermutation
from isinglass.symmetry.variable import Levels
from isinglass.systems.graph import Graph, make_lattice, sides_of
from isinglass.systems.system import AbstractPairSystem, finite, positive, whole

__all__ = ["Potts"]


class Potts(AbstractPairSystem):
    """E(s) = -J Σ_<ij> δ(s_i, s_j), s_i = 0 .. q-1.  Law: E is unchanged by any permutation of the q values.

    Shape: s as the lattice.  Unit: J = k_B = 1.  q = 2 is Ising with J/2.  Ref: Wu 1982, doi:10.1103/RevModPhys.54.235.
    """

    graph: Graph
    beta: Float[Array, ""]
    J: Float[Array, "*bonds"]
    q: int = eqx.field(static=True)
    symmetries: tuple[AbstractSymmetry, ...] = eqx.field(static=True)

    def __init__(self, shape, *, q: int = 3, temperature=1.0, J=1.0, lattice: str | Graph = "square"):
        """`lattice` as for Ising."""
        if not 2 <= whole("q", q, 2) <= 127:
            raise ValueError(f"A Potts model needs 2 to 127 values, got q = {q}; use for example q=3.")
        self.graph = lattice if isinstance(lattice, Graph) else make_lattice(lattice, sides_of(shape))
        self.beta = jnp.asarray(1.0 / positive("temperature", temperature))
        self.J = jnp.asarray(finite("J", J), float)
        self.q = q
        self.symmetries = (ValuePermutation(q), *self.graph.symmetries)

    @property
    def variable(self) -> Levels:
        """Levels 0 .. q-1."""
        return Levels(tuple(range(self.q)))

    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b) = -δ(a, b)."""
        return -(a == b).astype(float)

    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v = 0: no field."""
        return jnp.zeros(a.shape)

    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """One of the q - 1 other values, each equally likely."""
        step = jax.random.randint(key, x.shape, 1, self.q, dtype=x.dtype)
        return (x + step) % jnp.asarray(self.q, x.dtype)

    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R exchanges two values, chosen at random, at every site."""
        a, b = jax.random.choice(key, jnp.arange(self.q, dtype=x.dtype), (2,), replace=False)
        return jnp.where(x == a, b, jnp.where(x == b, a, x))

    def random_configuration(self, key) -> Int8[Array, "*site"]:
        """Each value with probability 1/q."""
        return self.variable.random(key, self.shape)

    def order_parameter(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """(q n_max - 1) / (q - 1), n_max the fraction of sites with the most common value: 0 in disorder."""
        shares = jnp.stack([jnp.mean((x == v).astype(float)) for v in range(self.q)])
        return (self.q * jnp.max(shares) - 1) / (self.q - 1)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> Float[np.ndarray, " T"] | None:
        """None: not known on a finite lattice."""
        return None


def examples() -> dict[str, Potts]:
    """Small instances by name, on which the tests check every law."""
    return {"potts": Potts((3, 3), q=3, temperature=1.0), "potts_small": Potts((2, 3), q=3, temperature=1.0)}
