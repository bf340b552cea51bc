# SPDX-License-Identifier: Apache-2.0
"""What walkers that hop from minimum to minimum found, and whether they agree."""

from dataclasses import dataclass, replace
from functools import cached_property

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

    @cached_property
    def first(self) -> Int[np.ndarray, " walkers"]:
        """The hop after which each walker had seen the deepest of all, one beyond the last of those that had not.

        0: in the minimum that its start belongs to, before any.
        """
        there = np.vstack([self.search.start[None], self.deepest]) <= self.deepest[-1].min() + SAME
        return np.where(there.any(axis=0), there.argmax(axis=0), len(there))

    def told(self, result: Result) -> Result:
        """The result of what followed, with what is known of the search."""
        arrived = self.first <= len(self.deepest)
        came, began = int(np.sum(arrived & (self.first > 0))), bool((self.first == 0).any())
        result.checks.append(checks.atoms.crystal.walkers_agree(came + began, len(arrived)))
        accepted = float(np.mean(np.asarray(self.search.walkers.accepted)) / len(self.deepest))
        result.estimates["hops_to_deepest"] = Estimate(float(np.median(self.first)))
        result.estimates["hop_temperature"] = Estimate(self.search.temperature, unit="eV")
        result.estimates["hop_acceptance"] = Estimate(accepted)
        result.arrays["deepest_energy"] = (("hop", "walker"), self.deepest, {"units": "eV"})
        result.figures.append("basin_hopping")
        result.notes.append(f"{arrived.sum()} of {len(arrived)} walkers found the deepest minimum, first after "
                            f"{self.first.min()} hops; that none is deeper is not proven")  # fmt: skip
        return result
