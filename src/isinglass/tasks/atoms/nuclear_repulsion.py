# SPDX-License-Identifier: Apache-2.0
"""The known repulsion of nuclei beside a learned potential: taken off before the training, added after it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isinglass import approximation, nets, systems

__all__ = ["Repulsion"]


@dataclass(frozen=True)
class Repulsion:
    """ZBL between atoms that are nearer, by the sum of their covalent radii, than any in the frames of the training.

    Law: E of these frames is as without; what they show is learned.
    """

    potential: Any

    @staticmethod
    def of(numbers: tuple[int, ...], cutoff: float, rows: Any) -> "Repulsion":
        """Of these elements, and rows to train on.  Ref of the radii, which are ASE's: doi:10.1039/b801115j."""
        from ase.data import covalent_radii

        radii, nearest = np.array([float(covalent_radii[z]) for z in numbers]), 1.0
        for atoms in rows.seen:
            of, real = radii[np.asarray(atoms.species)], np.asarray(atoms.table.real)
            apart = np.linalg.norm(np.asarray(atoms.r, float), axis=-1)
            nearest = float((apart / (of[:, None] + of[np.asarray(atoms.table.index)]))[real].min(initial=nearest))
        radii = radii * nearest
        end = min(cutoff, 2 * float(radii.max()))
        return Repulsion(systems.particle.potential.ZBL(numbers, cutoff=end, radii=radii.tolist()))

    def taken_off(self, rows: Any) -> Any:
        """What is left of the labels."""
        alone = nets.equivariant.ScaledPotential(self.potential, 1.0, np.zeros(len(self.potential.numbers)))
        return approximation.regression.residual(rows, alone)

    def added(self, model: Any) -> Any:
        """The model, or the members of a committee, and the repulsion."""
        import equinox as eqx

        return eqx.tree_at(lambda m: m.repulsion, model, self.potential, is_leaf=lambda part: part is None)
