# SPDX-License-Identifier: Apache-2.0
"""Signs that a file is not in eV and Å: distances, total energies, and energies against forces.

Between frames a and b near each other, E_b - E_a = -½ (F_a + F_b) · (r_b - r_a) + O(|r_b - r_a|³): the slope of one
side against the other is 1, or the ratio of two units, whatever the origin of the energy.
Refs: radii: Cordero et al. 2008, doi:10.1039/b801115j; energies: Clementi and Roetti 1974,
doi:10.1016/S0092-640X(74)80016-1.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.errors import InputError
from isinglass.systems.particle.neighbor_search import vesin_neighbors

__all__ = ["NearestPairs", "force_slope", "nearest_pairs", "require_units"]

HARTREE, BOHR, KCAL, KJ = 27.211386, 0.529177, 0.0433641, 0.01036427  # eV, Å, eV, eV (per mole)
# fmt: off
ATOMS = [0.5, 2.8617, 7.4327, 14.5730, 24.5291, 37.6886, 54.4009, 74.8094, 99.4093, 128.5471, 161.8589, 199.6146,
         241.8767, 288.8544, 340.7188, 397.5049, 459.4821, 526.8175]  # -E of H to Ar, all electrons, hartree
# fmt: on
ENERGY_UNITS = {"hartree": 1.0, "rydberg": 2.0, "kcal/mol": HARTREE / KCAL, "kJ/mol": HARTREE / KJ}  # a hartree in each
SLOPES = {  # what -F dr must be multiplied by to be dE, by what each is in
    "forces in hartree/bohr and energies in eV": HARTREE / BOHR,
    "energies in hartree and forces in eV/Å": 1 / HARTREE,
    "energies in hartree, forces in hartree/bohr and positions in Å": 1 / BOHR,
    "energies in rydberg and forces in eV/Å": 2 / HARTREE,
    "energies in eV and forces in rydberg/bohr": HARTREE / BOHR / 2,
    "energies in kcal/mol and forces in eV/Å": 1 / KCAL,
    "energies in kJ/mol and forces in eV/Å": 1 / KJ,
    "forces in kcal/mol/Å and energies in eV": KCAL,
    "forces in kJ/mol/Å and energies in eV": KJ,
    "forces with the other sign": -1.0,
}
NOBLE = (2, 10, 18, 36, 54, 86)  # bound at more than twice their radii
SHORT, LONG, BOUND = 0.25, 1.7, 3.0  # nearest distances in sums of the covalent radii; nm: 0.1, bohr: 1.9
LONG_OF_MANY, MANY = 1.5, 4  # of so many atoms, the nearest of which are nearer than most: bohr: 1.6
FARTHEST = 16.0  # Å
WITHIN = 0.03  # of the energy of all electrons: binding and correlation are below
NEAR, MOST = 0.5, 60  # Å, root mean square between frames compared; frames of one kind
PROCEED = "convert the file to eV and Å; if it is, say units='stated'"


class NearestPairs(NamedTuple):
    """Of each frame the two nearest atoms; those of one frame's only atom have the distance infinity."""

    distance: Float[np.ndarray, " frames"]
    i: Int[np.ndarray, " frames"]
    j: Int[np.ndarray, " frames"]


def nearest_pairs(atoms: LabelledAtoms) -> NearestPairs:
    """The nearest atoms of each frame, up to FARTHEST, images counted."""
    rows = []
    for k in range(len(atoms)):
        frame, row = atoms.frame(k), (np.inf, 0, 0)
        for cutoff in (0.5, 1.0, 2.0, 4.0, 8.0, FARTHEST):
            found = vesin_neighbors(frame.positions, frame.cell, frame.pbc, cutoff)
            if len(found.i):
                first = np.argmin(found.distance)
                row = (found.distance[first], found.i[first], found.j[first])
                break
        rows.append(row)
    distance, i, j = (np.array(column) for column in zip(*rows, strict=True))
    return NearestPairs(distance, i.astype(int), j.astype(int))


def require_units(atoms: LabelledAtoms, nearest: NearestPairs) -> None:
    """Errors: InputError with the evidence where positions, energies or forces are clearly in other units."""
    for evidence in (distances_off(atoms, nearest), energies_off(atoms), slope_off(atoms)):
        if evidence:
            raise InputError(f"eV and Å in {atoms.source}", evidence, PROCEED)


def distances_off(atoms: LabelledAtoms, nearest: NearestPairs) -> str:
    """Bonds in sums of covalent radii: about 1 in Å.  Seen: nm (0.1), bohr (1.9), none at all; most frames must agree.

    Noble gases and atoms that are alone in a large box are not looked at.
    """
    from ase.data import covalent_radii

    first = atoms.start[:-1]
    a, b = (atoms.numbers[first + index] for index in (nearest.i, nearest.j))
    bond = np.minimum(nearest.distance, FARTHEST) / (covalent_radii[a] + covalent_radii[b])
    bond = bond[~np.isin(a, NOBLE) & ~np.isin(b, NOBLE) & ((atoms.n_atoms > 1) | (bond < BOUND))]
    if not len(bond):
        return ""
    if np.median(bond) < SHORT:
        return f"nearest atoms at {np.median(bond):.2g} of the sum of their radii in half of the frames, as in nm"
    short = np.quantile(bond, 0.05)
    like = "as in bohr" if short < BOUND else "and no bond"
    most = LONG if np.median(atoms.n_atoms) < MANY else LONG_OF_MANY
    return f"nearest atoms at {short:.2g} of the sum of their radii or more, {like}" if short > most else ""


def energies_off(atoms: LabelledAtoms) -> str:
    """Total energies that are those of all electrons in another unit; told where all elements are H to Ar."""
    if atoms.numbers.max() > len(ATOMS):
        return ""
    whole = np.add.reduceat(-np.array(ATOMS)[atoms.numbers - 1], atoms.start[:-1])
    ratio = float(np.median(atoms.energy / whole))
    for unit, size in ENERGY_UNITS.items():
        if abs(ratio / size - 1) < WITHIN:
            return f"energies that are {ratio:.4g} times those of all electrons in hartree, as in {unit}"
    return ""


def slope_off(atoms: LabelledAtoms) -> str:
    """Changes of the energy that are not those by the forces."""
    slope, correlation, pairs = force_slope(atoms)
    turned = slope < 0 and correlation < -0.5 and pairs >= 10
    if not turned and (abs(correlation) < 0.95 or pairs < 5 or 0.7 < slope < 1.4):
        return ""
    fitting = [name for name, size in SLOPES.items() if abs(slope / size - 1) < (0.7 if size < 0 else 0.1)]
    fitting += {0.0: ["energies that are all one"], np.inf: ["forces that are all zero"]}.get(slope, [])
    sizes = np.unique(atoms.n_atoms[atoms.has_forces & (atoms.n_atoms > 1)])
    if len(sizes) == 1 and abs(slope * sizes[0] - 1) < 0.1:
        fitting.insert(0, "energies per atom")
    cause = f", as with {fitting[0]}" if fitting else ""
    return f"changes of the energy {slope:.3g} times those by the forces ({pairs} pairs of near frames){cause}"


def force_slope(atoms: LabelledAtoms) -> tuple[float, float, int]:
    """Slope and correlation of E_b - E_a against -½ (F_a + F_b) · (r_b - r_a), and the number of pairs of near frames.

    Each frame with the nearest other of the same atoms and cell; molecules rotated onto each other.  Law: slope 1;
    0 of energies that are all one, infinite of forces that are all zero.
    """
    kinds: dict[tuple[bytes, ...], list[int]] = {}
    for k in np.flatnonzero(atoms.has_forces & (atoms.n_atoms > 1)).tolist():
        f = atoms.frame(k)
        kinds.setdefault((f.numbers.tobytes(), f.pbc.tobytes(), np.round(f.cell, 6).tobytes()), []).append(k)
    rows = [pair for frames in kinds.values() for pair in near_pairs(atoms, frames[:MOST])]
    if not rows:
        return 1.0, 0.0, 0
    work, change = np.array(rows).T
    scale = np.sqrt((work @ work) * (change @ change))
    if not scale > 0:
        slope = 0.0 if work.any() else np.inf if change.any() else 1.0
        return slope, 0.0 if slope == 1 else 1.0, len(rows)
    return float(work @ change / (work @ work)), float(work @ change / scale), len(rows)


def near_pairs(atoms: LabelledAtoms, frames: list[int]) -> list[tuple[float, float]]:
    """-½ (F_a + F_b) · (r_b - r_a) and E_b - E_a of each of these frames and the one nearest to it, within NEAR."""
    held, rows = [atoms.frame(k) for k in frames], []
    x, F = (np.array([getattr(f, name) for f in held]) for name in ("positions", "forces"))
    for a in range(len(held) if len(held) > 1 else 0):
        dr, F_b = moved(x, F, a, held[a])
        size = np.sqrt(np.mean(np.sum(dr**2, axis=-1), axis=-1))
        size[a] = np.inf
        b = int(np.argmin(size))
        if size[b] < NEAR:
            rows.append((-0.5 * float(np.sum((F[a] + F_b[b]) * dr[b])), held[b].energy - held[a].energy))
    return rows


def moved(x, F, a: int, frame) -> tuple[Float[np.ndarray, "frames n 3"], Float[np.ndarray, "frames n 3"]]:
    """r - r_a by the nearest images, or after the rotation that brings molecules onto a (Kabsch); forces alike."""
    if frame.pbc.any():
        dr = x - x[a]
        inverse = np.linalg.pinv(np.where(frame.pbc[:, None], frame.cell, 0.0))
        return dr - np.round(dr @ inverse) @ frame.cell, F
    centred = x - x.mean(axis=1, keepdims=True)
    left, _, right = np.linalg.svd(np.einsum("fni,nj->fij", centred, centred[a]))
    left[:, :, 2] *= np.linalg.det(left @ right)[:, None]
    return centred @ (left @ right) - centred[a], F @ (left @ right)
