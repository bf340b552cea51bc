# SPDX-License-Identifier: Apache-2.0
"""A network's energies in the units of the data."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.nets.equivariant.radial import envelope
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["ScaledPotential"]


class ScaledPotential(AbstractInteratomic):
    """E_i = E0_z + binding (1 - exp(-Σ_j f(r_ij))) + scale · net_i + repulsion_i, f the envelope of the cutoff.

    The binding energy is that of all atoms together, which the network does not have to learn, and 0 of an atom alone.
    Unit: eV.  None of these numbers is trained.
    """

    net: AbstractInteratomic
    scale: Float[Array, ""]
    shift: Float[Array, " Z"]  # E0
    binding: Float[Array, ""]
    nearest: Float[Array, ""]  # Å, of two atoms in the frames that it was trained on; 0: none, inf: not known
    repulsion: AbstractInteratomic | None  # of nuclei, for shorter distances
    coordination: Float[Array, ""] | None  # least Σ_j (1 - r²/R²)² of an atom in them; 0: alone, None: not known

    def __init__(
        self, net: AbstractInteratomic, scale: Any, shift: Any, binding: Any = 0.0, nearest: Any = 0.0,
        repulsion: AbstractInteratomic | None = None, coordination: Any = None,
    ):  # fmt: skip
        """`shift`: E0 of every species."""
        self.repulsion = repulsion
        self.net, self.scale = net, jnp.asarray(scale, jnp.float32)
        self.shift, self.binding = jnp.asarray(np.asarray(shift), float), jnp.asarray(binding, jnp.float32)
        self.nearest = jnp.asarray(nearest, jnp.float32)
        self.coordination = None if coordination is None else jnp.asarray(coordination, jnp.float32)

    @property
    def cutoff(self) -> float:
        return self.net.cutoff

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.net.numbers

    def relative(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """E_i - E0_z: what is learned, without the large numbers."""
        scale, binding = (jax.lax.stop_gradient(a).astype(r.dtype) for a in (self.scale, self.binding))
        seen = envelope(jnp.sqrt(jnp.sum(r * r, axis=-1)) / self.cutoff, 5)
        bound = -jnp.expm1(-jnp.sum(seen, axis=1))  # empty places are at the cutoff
        learned = binding * bound + scale * self.net.atom_energies(r, neighbors, species)
        return learned if self.repulsion is None else learned + self.repulsion.atom_energies(r, neighbors, species)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        shift = jax.lax.stop_gradient(self.shift)[species]
        return self.relative(r, neighbors, species).astype(shift.dtype) + shift
