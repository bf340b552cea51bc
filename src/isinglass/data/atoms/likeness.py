# SPDX-License-Identifier: Apache-2.0
"""How near frames are to others: what frames of one trajectory have in common, and copies have whole."""

import numpy as np
from jaxtyping import Float

from isinglass.data.atoms.labelled_atoms import LabelledAtoms

__all__ = ["nearness"]

MOST = 1000  # frames looked at on either side


def nearness(these: LabelledAtoms, others: LabelledAtoms) -> Float[np.ndarray, " comparable"]:
    """min_k d/median_k d for each of these frames, d its distance to frame k of the others with the same atoms.

    d² = Σ_i |r_i - r_i' - mean|²; frames without two such others are left out.
    Law: 0 of a copy; near 1 of independent frames of many atoms, whose distances are alike.
    """
    kinds: dict[bytes, list[np.ndarray]] = {}
    for k in range(min(len(others), MOST)):
        frame = others.frame(k)
        kinds.setdefault(frame.numbers.tobytes(), []).append(frame.positions)
    found = []
    for k in range(min(len(these), MOST)):
        frame = these.frame(k)
        alike = kinds.get(frame.numbers.tobytes(), [])
        if len(alike) < 2 or len(frame.numbers) < 2:
            continue
        apart = np.stack(alike) - frame.positions
        d = np.sqrt(np.sum((apart - apart.mean(axis=1, keepdims=True)) ** 2, axis=(1, 2)))
        found.append(d.min() / max(float(np.median(d)), 1e-12))
    return np.array(found)
