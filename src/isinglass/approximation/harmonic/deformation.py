# SPDX-License-Identifier: Apache-2.0
"""Atoms and cell as one vector: displacements in a reference cell, and the strain of it.

x = (x_0 + u) F, H = H_0 F, F = 1 + η, η symmetric; the vector is (u, √n η Å), so that both have curvatures alike.
"""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.exact.particle.metal_units import GIGAPASCAL
from isinglass.systems.particle.interatomic import AbstractInteratomic
from isinglass.systems.particle.neighborhood import Neighborhood

__all__ = ["Deformable", "Deformed"]

VOIGT = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])  # xx yy zz yz xz xy


class Deformed(NamedTuple):
    """A configuration."""

    x: Float[Array, "n 3"]
    cell: Float[Array, "3 3"]


class Deformable(eqx.Module):
    """Atoms in a potential, under a pressure, and what of their cell is free."""

    potential: AbstractInteratomic | Any
    x: Float[Array, "n 3"]
    cell: Float[Array, "3 3"]
    pbc: Bool[Array, " 3"]
    species: Int[Array, " n"]
    pressure: float  # GPa
    shape: str = eqx.field(static=True)  # none, isotropic or full

    @property
    def scale(self) -> float:
        """√n Å."""
        return math.sqrt(len(self.x))

    def zero(self) -> Float[Array, " N"]:
        """The reference itself."""
        return jnp.zeros(self.x.size + {"none": 0, "isotropic": 1, "full": 6}[self.shape], self.x.dtype)

    def strain(self, z: Float[Array, " N"]) -> Float[Array, "3 3"]:
        """η of the vector."""
        free = z[self.x.size :] / self.scale
        if self.shape == "full":
            return free[jnp.asarray(VOIGT)]
        return (free[0] if self.shape == "isotropic" else jnp.zeros((), z.dtype)) * jnp.eye(3, dtype=z.dtype)

    def at(self, z: Float[Array, " N"]) -> Deformed:
        """Positions and cell."""
        F = jnp.eye(3, dtype=z.dtype) + self.strain(z)
        return Deformed((self.x + z[: self.x.size].reshape(self.x.shape)) @ F, self.cell @ F)

    def enthalpy(self, z: Float[Array, " N"], near: Neighborhood) -> Float[Array, ""]:
        """E + P V, V where a cell can change."""
        x, cell = self.at(z)
        r = near.table.vectors(x, cell, self.potential.cutoff)
        energy = jnp.sum(self.potential.atom_energies(r, near.table, self.species))
        if self.shape == "none":
            return energy
        return energy + self.pressure * GIGAPASCAL * jnp.abs(jnp.linalg.det(cell))
