# SPDX-License-Identifier: Apache-2.0
"""Several potentials added."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable, species_of

__all__ = ["SumOfPotentials"]


class SumOfPotentials(AbstractInteratomic):
    """E_i = Σ_k E_i of part k, whose cutoffs may differ: each part is 0 beyond its own.

    Law: forces and virials add; species are those that every part knows.
    """

    parts: tuple[AbstractInteratomic, ...]
    cutoff: float
    numbers: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, *parts: AbstractInteratomic):
        """At least one part; the order of species is that of the first."""
        common = [z for z in parts[0].numbers if all(z in part.numbers for part in parts)] if parts else []
        if not common:
            found = " and ".join(str(part.numbers) for part in parts) or "none"
            raise InputError("potentials that know a common element", f"atomic numbers {found}", "choose others")
        self.parts, self.numbers = parts, tuple(common)
        self.cutoff = max(part.cutoff for part in parts)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """The sum, with each part's own numbering of the species."""
        own = [jnp.asarray(species_of(np.array(self.numbers), part.numbers))[species] for part in self.parts]
        found = [part.atom_energies(r, neighbors, s) for part, s in zip(self.parts, own, strict=True)]
        return sum(found[1:], found[0])
