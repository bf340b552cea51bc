# SPDX-License-Identifier: Apache-2.0
"""A network's energies in the units of the data."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["ScaledPotential"]


class ScaledPotential(AbstractInteratomic):
    """E_i = E0_z + scale · net_i.  Unit: eV, of an atom alone E0_z, where the network has no neighbors to see."""

    net: AbstractInteratomic
    scale: Float[Array, ""]  # not trained
    shift: Float[Array, " Z"]  # E0, not trained

    def __init__(self, net: AbstractInteratomic, scale: Any, shift: Any):
        self.net = net
        self.scale, self.shift = jnp.asarray(scale, jnp.float32), jnp.asarray(np.asarray(shift), float)

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
        return jax.lax.stop_gradient(self.scale).astype(r.dtype) * self.net.atom_energies(r, neighbors, species)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        shift = jax.lax.stop_gradient(self.shift)[species]
        return self.relative(r, neighbors, species).astype(shift.dtype) + shift
