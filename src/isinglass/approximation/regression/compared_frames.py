# SPDX-License-Identifier: Apache-2.0
"""Labels and predictions of frames side by side, in the order in which the frames were given."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.approximation.regression.force_matching import PredictedFrames
from isinglass.approximation.regression.packed_frames import PackedFrames

__all__ = ["ComparedFrames", "LabelledValues", "compared"]


class LabelledValues(NamedTuple):
    """Predictions may have axes more at the front: one of the members of a committee."""

    label: Float[np.ndarray, "m ..."]
    found: Float[np.ndarray, "..."]

    @property
    def error(self) -> Float[np.ndarray, "..."]:
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
    host = lambda a: np.asarray(a, float)  # noqa: E731
    number, size = np.asarray(rows.number), host(rows.size)
    given = number >= 0
    order = np.argsort(number[given], kind="stable")
    n = size[given][order]
    per_frame = lambda a: host(a)[..., given][..., order] / n  # noqa: E731
    own = np.take_along_axis(np.c_[number, np.full(len(number), -1)], np.asarray(rows.frame), axis=1)
    seen = (np.asarray(rows.with_forces) > 0) & (own >= 0)
    atoms = np.argsort(own[seen], kind="stable")
    per_atom = lambda a: host(a)[..., seen, :][..., atoms, :]  # noqa: E731
    stressed = (np.asarray(rows.with_stress)[given] > 0)[order]
    strained = lambda a: host(a)[..., given, :, :][..., order, :, :][..., stressed, :, :] / n[stressed, None, None]  # noqa: E731
    return ComparedFrames(
        LabelledValues(per_frame(rows.energy), per_frame(found.energy)),
        LabelledValues(per_atom(rows.forces), per_atom(found.forces)),
        LabelledValues(strained(rows.virial), strained(found.virial)), own[seen][atoms],
    )  # fmt: skip
