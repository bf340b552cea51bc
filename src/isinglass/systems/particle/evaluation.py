# SPDX-License-Identifier: Apache-2.0
"""Energy, forces and stress of atoms as they stand: neighbors by vesin on the host, the rest one compiled program.

The program is compiled again only where the padded number of pairs or columns grows (`PaddedSizes`).
"""

from typing import Literal, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.cell_list import NeighborList
from isinglass.systems.particle.interatomic import (
    AbstractInteratomic,
    AbstractUncertainPotential,
    Forces,
    Uncertainty,
    forces,
    neighbor_table,
)  # fmt: skip
from isinglass.systems.particle.neighbor_search import vesin_neighbors, with_margin
from isinglass.systems.particle.structure import AtomicStructure, known_species

__all__ = ["Evaluated", "PaddedSizes", "evaluate"]

CLOSEST = 0.3  # Å; the shortest bond, H2, has 0.74
Precision = Literal["single", "double"]


class PaddedSizes(NamedTuple):
    """Room in the compiled program."""

    pairs: int = 0
    columns: int = 0


class Evaluated(NamedTuple):
    """Unit: eV, eV/Å, eV/Å³; stress = dE/dε / V, positive under tension, NaN without a volume."""

    energy: float
    energies: Float[np.ndarray, " n"]
    forces: Float[np.ndarray, "n 3"]
    stress: Float[np.ndarray, "3 3"]
    sizes: PaddedSizes
    uncertainty: Uncertainty | None = None  # of a potential that knows it


def evaluate(
    potential: AbstractInteratomic, atoms: AtomicStructure, sizes: PaddedSizes = PaddedSizes(),
    *, precision: Precision = "double",
) -> Evaluated:  # fmt: skip
    """Energy and its derivatives.  Errors: InputError for unknown elements, atoms nearer than 0.3 Å, no number."""
    species = known_species(potential, atoms.numbers)
    found = vesin_neighbors(atoms.positions, atoms.cell, atoms.pbc, float(potential.cutoff))
    if len(found.distance) and found.distance.min() < CLOSEST:
        k = int(np.argmin(found.distance))
        closest = f"atoms {found.i[k]} and {found.j[k]} at {found.distance[k]:.3g} Å"
        raise InputError(f"atoms {CLOSEST} Å apart or more", closest, "move them apart")
    n, most = len(species), int(np.bincount(found.i, minlength=1).max()) if len(found.i) else 1
    sizes = PaddedSizes(
        sizes.pairs if len(found.i) <= sizes.pairs else with_margin(len(found.i), 64),
        sizes.columns if most <= sizes.columns else with_margin(most, 4),
    )
    fill = sizes.pairs - len(found.i)
    i, j = (jnp.asarray(np.pad(a, (0, fill), constant_values=n)) for a in (found.i, found.j))
    shift = jnp.asarray(np.pad(found.shift, ((0, fill), (0, 0))))
    reverse = jnp.asarray(np.pad(found.reverse(), (0, fill)))
    number = jnp.asarray(len(found.i))
    pairs = NeighborList(i, j, shift, reverse, number, jnp.asarray(1), jnp.asarray(False))  # noqa: FBT003
    kind = jnp.float32 if precision == "single" else jnp.float64
    x, cell = jnp.asarray(atoms.positions, kind), jnp.asarray(atoms.cell, kind)
    out, doubt = program(potential, x, cell, jnp.asarray(species), pairs, sizes.columns)
    energies, pull, virial = (np.asarray(a, float) for a in (out.energies, out.forces, out.virials.sum(axis=0)))
    if not (np.isfinite(energies).all() and np.isfinite(pull).all()):
        found = "NaN or infinity"
        raise InputError("finite energies and forces", found, "look at the distances between the atoms")
    return Evaluated(float(energies.sum()), energies, pull, symmetric(virial) / atoms.volume, sizes, doubt)


@eqx.filter_jit
def program(
    potential: AbstractInteratomic, positions: Float[Array, "n 3"], cell: Float[Array, "3 3"],
    species: Int[Array, " n"], pairs: NeighborList, columns: int,
) -> tuple[Forces, Uncertainty | None]:  # fmt: skip
    """The compiled part: rows of neighbors, energies, their derivatives; uncertainties where the potential has them."""
    table = neighbor_table(pairs, len(species), columns)
    r = table.vectors(positions, cell, potential.cutoff)
    if isinstance(potential, AbstractUncertainPotential):
        return potential.with_uncertainty(r, table, species)
    return forces(potential.atom_energies, r, table, species), None


def symmetric(a: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "3 3"]:
    """(a + aᵀ) / 2: what is left of it is a torque, 0 of an energy that rotations leave as it is."""
    return (a + a.T) / 2
