# SPDX-License-Identifier: Apache-2.0
"""What walkers that hop from minimum to minimum found, and whether they agree."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from isinglass import checks
from isinglass.approximation.harmonic.basin_hopping import Search
from isinglass.result import Estimate, Result
from isinglass.systems.particle.structure import AtomsInPotential

__all__ = ["HoppedAtoms"]

SAME = 1e-4  # eV between energies of one minimum, found to a force of 1e-3 eV/Å


@dataclass(frozen=True)
class HoppedAtoms:
    """The deepest minimum of each walker, and its energy after each hop."""

    start: AtomsInPotential
    search: Search

    @property
    def deepest(self) -> Float[np.ndarray, "hops walkers"]:
        """The deepest energy that each walker had seen after each hop."""
        return self.search.lowest

    @property
    def problem(self) -> AtomsInPotential:
        """The atoms in the deepest minimum of all."""
        x = np.asarray(self.search.walkers.best)[np.argmin(self.deepest[-1])]
        return replace(self.start, atoms=self.start.atoms._replace(positions=x, velocities=None))

    def first(self, energy: float) -> Int[np.ndarray, " walkers"]:
        """The hop after which each walker had seen this energy (eV), one beyond the last of those that had not.

        0: in the minimum that its start belongs to, before any.
        """
        there = np.vstack([self.search.start[None], self.deepest]) <= energy + SAME
        return np.where(there.any(axis=0), there.argmax(axis=0), len(there))

    def told(self, result: Result) -> Result:
        """The result of coming to rest, with what is known of the search.

        Rest that is deeper than any walker was - by a saddle, that hops took for a minimum - no walker has found.
        """
        deepest = min(self.deepest[-1].min(), result.estimates["energy_per_atom"].value * len(self.start.species))
        first = self.first(float(deepest))
        arrived = first <= len(self.deepest)
        came, began = int(np.sum(arrived & (first > 0))), bool((first == 0).any())
        result.checks.append(checks.atoms.crystal.walkers_agree(came + began, len(arrived)))
        accepted = float(np.mean(np.asarray(self.search.walkers.accepted)) / len(self.deepest))
        result.estimates["hops_to_deepest"] = Estimate(float(np.median(first)))
        result.estimates["hop_temperature"] = Estimate(self.search.temperature, unit="eV")
        result.estimates["hop_acceptance"] = Estimate(accepted)
        result.arrays["deepest_energy"] = (("hop", "walker"), self.deepest, {"units": "eV"})
        result.figures.append("basin_hopping")
        when = f", first after {first.min()} hops" if arrived.any() else ": it was found from where one of them ended"
        found = f"{arrived.sum()} of {len(arrived)} walkers found the deepest minimum{when}"
        result.notes.append(f"{found}; that none is deeper is not proven")
        return result
