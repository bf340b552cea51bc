# SPDX-License-Identifier: Apache-2.0
"""Whether stresses are those of the energies: the stated unit and sign, held against frames strained a little.

E_b - E_a = ½ (V_a σ_a + V_b σ_b) : ε - ½ (F_a + F_b) · δ + O(3), with ε = 2 (D - 1) (D + 1)⁻¹ of D = cell_a⁻¹ cell_b
and δ the displacements beside the strain.  Law: the slope of E_b - E_a + ½ (F_a + F_b) · δ against the first term is 1.
"""

import numpy as np
from jaxtyping import Float

from isinglass.data.atoms.label_keys import LabelKeys
from isinglass.data.atoms.labelled_atoms import LabelledAtoms, LabelledFrame
from isinglass.data.atoms.stress_convention import SIGNS, UNITS, stress_factor
from isinglass.errors import InputError

__all__ = ["require_stresses", "stress_slope"]

STRAINS = (1e-4, 0.05)  # of frames compared, and rotations, which change the first term by ε times itself
MOST = 60  # cells of one kind of frames


def require_stresses(atoms: LabelledAtoms, keys: LabelKeys) -> tuple[str, ...]:
    """The evidence, as a note.  Errors: InputError where another unit or sign than the stated one fits the energies."""
    slope, correlation, pairs = stress_slope(atoms)
    seen = f"changes of the energy {slope:.3g} times those by the stresses ({pairs} pairs of strained frames)"
    if pairs < 5:
        told = "unit and sign of the stress are as stated: too few strained frames confirm them"
        return (told,) * int(atoms.has_stress.any())
    if abs(correlation) < 0.95:
        return (f"unit, sign and order of the stress are not confirmed: correlation {correlation:.2g}, {seen}",)
    if 0.7 < slope < 1.4:
        return (f"unit and sign of the stress fit the energies: {seen}",)
    said = stress_factor(keys) or 1.0
    fits = [(u, s) for u in UNITS for s in SIGNS if abs(slope * said / (UNITS[u] * SIGNS[s]) - 1) < 0.1]
    fix = "look at the unit and the sign; if they are right, say units='stated'"
    if keys.virial_key is None and fits:
        fix = f"say stress_unit='{fits[0][0]}' and stress_sign='{fits[0][1]}', which fit"
    raise InputError(f"stresses that fit the energies of {atoms.source}", seen, fix)


def stress_slope(atoms: LabelledAtoms) -> tuple[float, float, int]:
    """Slope and correlation of changes of the energy against those by the stresses, and the number of pairs.

    Of each cell the frame with the smallest forces, with the one of the same atoms that is strained least against it.
    """
    kinds: dict[bytes, dict[bytes, LabelledFrame]] = {}
    for k in np.flatnonzero(atoms.has_stress).tolist():
        frame = atoms.frame(k)
        cells, cell = kinds.setdefault(frame.numbers.tobytes(), {}), np.round(frame.cell, 6).tobytes()
        if cell not in cells or size_of_forces(frame) < size_of_forces(cells[cell]):
            cells[cell] = frame
    some = [list(cells.values())[:MOST] for cells in kinds.values()]
    rows = [nearest_strained(k, frames) for frames in some for k in range(len(frames))]
    known = np.array([row for row in rows if row is not None])
    scale = np.sqrt(np.prod(np.sum(known**2, axis=0))) if len(known) else 0.0
    if not scale > 0:
        return 1.0, 0.0, 0
    work, change = known.T
    return float(work @ change / (work @ work)), float(work @ change / scale), len(known)


def size_of_forces(frame: LabelledFrame) -> float:
    """The largest component; 0 where forces are not known."""
    return float(np.nan_to_num(np.abs(frame.forces)).max())


def nearest_strained(k: int, frames: list[LabelledFrame]) -> tuple[float, float] | None:
    """Both sides of the law for frame k and the frame strained least against it; None where there is none."""
    a, best, rows = frames[k], STRAINS[1], None
    for m, b in enumerate(frames):
        strain, delta = strain_between(a, b)
        size = np.abs(strain).max()
        apart = np.sqrt(np.mean(np.sum(delta**2, axis=1)))
        if m == k or not STRAINS[0] < size < best or apart > size:
            continue
        force_work = -0.5 * np.sum((a.forces + b.forces) * delta) if np.abs(delta).max() > 1e-6 else 0.0
        stress = sum(abs(np.linalg.det(f.cell)) * f.stress for f in (a, b)) / 2
        if np.isfinite(force_work):
            best, rows = size, (float(np.sum(stress * strain)), b.energy - a.energy - float(force_work))
    return rows


def strain_between(a: LabelledFrame, b: LabelledFrame) -> tuple[Float[np.ndarray, "3 3"], Float[np.ndarray, "n 3"]]:
    """ε from a to b, and the displacements that it does not explain, by the nearest images, without their mean."""
    D = np.linalg.solve(a.cell, b.cell)
    s = b.positions @ np.linalg.inv(b.cell) - a.positions @ np.linalg.inv(a.cell)
    s -= s[0]
    delta = (s - np.round(s)) @ (a.cell + b.cell) / 2
    return 2 * (D - np.eye(3)) @ np.linalg.inv(D + np.eye(3)), delta - delta.mean(axis=0)
