# SPDX-License-Identifier: Apache-2.0
"""Labels and predictions of frames side by side, in the order in which the frames were given."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Int

from isinglass.approximation.regression.force_matching import PredictedFrames
from isinglass.approximation.regression.packed_frames import PackedFrames

__all__ = ["ComparedFrames", "LabelledValues", "compared"]


class LabelledValues(NamedTuple):
    """Predictions may have axes more at the front: one of the members of a committee."""

    label: Float[np.ndarray, "m *a"]
    found: Float[np.ndarray, "*members m *a"]

    @property
    def error(self) -> Float[np.ndarray, "*members m *a"]:
        """Found minus label."""
        return self.found - self.label


class ComparedFrames(NamedTuple):
    """Energies and virials of frames, an atom, without references; forces of the atoms of frames with forces.

    Unit: eV, eV/Å.
    """

    energy: LabelledValues
    forces: LabelledValues
    virial: LabelledValues  # of frames with stress
    frame: Int[np.ndarray, " atoms"]  # of atoms with forces

    def over_frames(self, x: Float[np.ndarray, " atoms"]) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
        """Mean of each frame with forces, and its number of atoms."""
        n = np.bincount(self.frame)
        return (np.bincount(self.frame, x) / np.maximum(n, 1))[n > 0], n[n > 0].astype(float)


def compared(found: PredictedFrames, rows: PackedFrames) -> ComparedFrames:
    """What was found for the rows, beside their labels."""
    found = jax.tree.map(lambda a: np.asarray(a, float), found)
    number, size = np.asarray(rows.number), np.asarray(rows.size, float)
    given = number >= 0
    order = np.argsort(number[given], kind="stable")
    n = size[given][order]
    energy = LabelledValues(*(a[..., given][..., order] / n for a in (np.asarray(rows.energy, float), found.energy)))
    own = np.take_along_axis(np.c_[number, np.full(len(number), -1)], np.asarray(rows.frame), axis=1)
    seen = (np.asarray(rows.with_forces) > 0) & (own >= 0)
    atoms = np.argsort(own[seen], kind="stable")
    forces = LabelledValues(*(a[..., seen, :][..., atoms, :] for a in (np.asarray(rows.forces, float), found.forces)))
    stressed = (np.asarray(rows.with_stress)[given] > 0)[order]
    per_atom = lambda a: a[..., given, :, :][..., order, :, :][..., stressed, :, :] / n[stressed, None, None]  # noqa: E731
    virial = LabelledValues(*map(per_atom, (np.asarray(rows.virial, float), found.virial)))
    return ComparedFrames(energy, forces, virial, own[seen][atoms])
