# SPDX-License-Identifier: Apache-2.0
"""The repulsion of nuclei screened by their electrons: the universal potential of Ziegler, Biersack and Littmark."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import COULOMB_CONSTANT
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable
from isinglass.systems.particle.potential.smooth_cutoff import checked_range, switched

__all__ = ["ZBL"]

SHARE = (0.18175, 0.50986, 0.28022, 0.02817)
RATE = (3.1998, 0.94229, 0.4029, 0.20162)
LENGTH, POWER = 0.4685, 0.23  # a = LENGTH / (Z_i^POWER + Z_j^POWER) in Å


class ZBL(AbstractInteratomic):
    """E_i = ½ Σ_j Z_i Z_j e²/(4π ε_0 r) φ(r/a) s(r), φ(x) = Σ_k c_k e^(-d_k x), s the cutoff from `onset` to `cutoff`.

    To be added to a potential that knows little of short distances (`SumOfPotentials`): choose a cutoff below them.
    Law: φ(0) = 1, so that r → 0 is the bare Coulomb repulsion.  Unit: eV, Å.
    Ref: Ziegler, Biersack and Littmark 1985, The Stopping and Range of Ions in Matter, vol. 1.
    """

    onset: float
    cutoff: float
    numbers: tuple[int, ...] = eqx.field(static=True)
    radii: tuple[float, ...] | None = eqx.field(static=True)

    def __init__(
        self, numbers: Sequence[int], *, cutoff: float, onset: float | None = None, radii: Sequence[float] | None = None
    ):
        """`onset`: where the cutoff begins; by default half of it.

        `radii` in Å, of every element: pairs then end at R_i + R_j, where that is less than the cutoff.
        """
        self.numbers = tuple(int(z) for z in numbers)
        self.radii = None if radii is None else tuple(float(R) for R in radii)
        if self.radii is not None and (len(self.radii) != len(self.numbers) or min(self.radii) <= 0):
            raise InputError("a radius above 0 for every element", f"{self.radii}", "give one for each number")
        if not self.numbers or min(self.numbers) < 1:
            raise InputError("atomic numbers of 1 or more", f"{self.numbers}", "name the elements")
        self.cutoff, self.onset = float(cutoff), cutoff / 2 if onset is None else float(onset)
        checked_range(self.onset, self.cutoff)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Half of each pair's energy."""
        charge = jnp.asarray(self.numbers, r.dtype)[species]
        power = charge**POWER
        square = jnp.sum(r * r, axis=-1)
        distance = jnp.sqrt(square)
        x = distance * (power[:, None] + power[neighbors.index]) / LENGTH
        screening = sum(share * jnp.exp(-rate * x) for share, rate in zip(SHARE, RATE, strict=True))
        pair = COULOMB_CONSTANT * charge[:, None] * charge[neighbors.index] / distance * screening
        return jnp.sum(pair * self.switch(square, neighbors, species), axis=1) / 2

    def switch(
        self, square: Float[Array, "n K"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, "n K"]:
        """1 below the onset, 0 beyond the cutoff; with radii both are scaled to end at R_i + R_j."""
        if self.radii is None:
            return switched(square, self.onset, self.cutoff)
        R = jnp.asarray(self.radii, square.dtype)[species]
        end = jnp.minimum(R[:, None] + R[neighbors.index], self.cutoff)
        return switched(square, end * (self.onset / self.cutoff), end)
