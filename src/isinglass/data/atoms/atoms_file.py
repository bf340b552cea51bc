# SPDX-License-Identifier: Apache-2.0
"""Labelled atoms from extended XYZ, ASE databases, .traj and whatever else ASE (an extra) reads.

Law: a label is what the file holds under the key that `keys` names, or the file is refused with the keys that it has.
Ref: Hjorth Larsen et al. 2017, doi:10.1088/1361-648X/aa680e.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from isinglass.data.atoms.label_keys import LabelKeys, StoredFrame, chosen_key, fits, listed_keys, may_be_forces
from isinglass.data.atoms.labelled_atoms import LabelledAtoms, joined
from isinglass.data.atoms.soundness import notes_of, require_sound
from isinglass.data.atoms.stored_frame import ase_frames, stored_frame
from isinglass.data.atoms.stress_convention import stresses
from isinglass.data.atoms.stress_evidence import require_stresses
from isinglass.errors import InputError

__all__ = ["read_atoms"]


def read_atoms(
    paths: str | Path | Sequence[str | Path],
    keys: LabelKeys | None = None,
    *,
    need_forces: bool = True,
    units: Literal["checked", "stated"] = "checked",
) -> LabelledAtoms:
    """The frames of one file or several, with their labels; what is not said is found in each file for itself.

    `need_forces`: to train on; an evaluation may do with energies.  `units='stated'`: eV and Å, however they look.
    Errors: InputError for missing labels, and as `require_sound` and `require_stresses`.
    """
    listed, keys = [paths] if isinstance(paths, str | Path) else list(paths), keys or LabelKeys()
    if not listed:
        raise InputError("a file of labelled atoms", "none", "give its path")
    parts = [read_file(Path(path), keys, need_forces=need_forces) for path in listed]
    for part in parts:
        require_sound(part, check_units=units == "checked")
    if units == "checked":
        parts = [replace(part, notes=(*part.notes, *require_stresses(part, keys))) for part in parts]
    atoms = joined(parts)
    if keys.stress_unit is not None and not atoms.has_stress.any():
        found = "none, or none in a cell that is periodic in three directions"
        raise InputError(f"stresses in {atoms.source}", found, "say stress_key='NAME', or leave stress_unit out")
    return atoms


def read_file(path: Path, keys: LabelKeys, *, need_forces: bool) -> LabelledAtoms:
    """The labelled frames of one file."""
    frames, notes = ase_frames(path)
    stored, sizes, where = [stored_frame(frame) for frame in frames], [len(frame) for frame in frames], path.name
    kinds = ("energy", "forces", "weight", "group")
    said = {kind: getattr(keys, f"{kind}_key") for kind in kinds}
    used = {kind: chosen_key(kind, stored, sizes, said[kind], where) for kind in kinds}
    energy = labels("energy", used["energy"], stored, sizes, where)
    require_labels(energy, used, stored, where)
    forces = labels("forces", used["forces"], stored, sizes, where)
    if need_forces and all(n == 1 or np.isnan(F).all() for n, F in zip(sizes, forces, strict=True)):
        raise missing_forces(used["energy"], stored, sizes, where)
    weight = [1.0 if np.isnan(w) else float(w) for w in labels("weight", used["weight"], stored, sizes, where)]
    if min(weight) < 0 or max(weight) == 0:
        found = f"{min(weight):g} to {max(weight):g}"
        raise InputError(f"weights of 0 or more, not all 0, in {where}", found, "correct them")
    cell = np.array([frame.cell.array for frame in frames], float)
    pbc = np.array([frame.pbc for frame in frames], bool)
    stress, used["stress"], left_out = stresses(stored, cell, pbc, keys, where)
    group = tuple(str(one.get(used["group"] or "", "")) for one in stored)
    atoms = LabelledAtoms(
        np.array(sizes), np.concatenate([frame.positions for frame in frames]).astype(float),
        np.concatenate([frame.numbers for frame in frames]).astype(int), cell, pbc, np.array(energy, float),
        np.concatenate(forces), stress, np.array(weight), group,
        {kind: name for kind, name in used.items() if name}, where,
    )  # fmt: skip
    named = [f"{kind}: read from `{used[kind]}`" for kind in kinds[:3] if used[kind] not in (None, kind, said[kind])]
    found = (*notes, *named, *free_energy_note(used["energy"], energy, stored), *left_out, *notes_of(atoms))
    return replace(atoms, notes=found)


def labels(kind: str, key: str | None, stored: list[StoredFrame], sizes: list[int], where: str) -> list[np.ndarray]:
    """The numbers of each frame, NaN where it has none.  Errors: InputError for other shapes, NaN and infinities."""
    found = []
    for k, (frame, n) in enumerate(zip(stored, sizes, strict=True)):
        shape = (n, 3) if kind == "forces" else ()
        value = np.full(shape, np.nan)
        if key in frame:
            value = np.asarray(frame[key])
            if not fits(kind, value, n):
                said, wanted = f"{value.dtype} of shape {list(value.shape)}", f"numbers of shape {list(shape)}"
                raise InputError(f"`{key}` in frame {k} of {where}, {wanted}", said, f"say {kind}_key='NAME'")
            if not np.isfinite(value).all():
                fix = "leave the frame out of the file"
                raise InputError(f"finite `{key}` in frame {k} of {where}", "NaN or infinity", fix)
        found.append(value.reshape(shape).astype(float))
    return found


def require_labels(energy: list, used: dict, stored: list[StoredFrame], where: str) -> None:
    """Errors: InputError where a frame has no energy, with the keys that are there."""
    without = np.flatnonzero(np.isnan(energy))
    if used["energy"] is None:
        raise InputError(f"energies in {where}", f"the keys {listed_keys(stored) or '- none'}", "say energy_key='NAME'")
    if len(without):
        found = f"no `{used['energy']}` in {len(without)} of {len(stored)} frames, the first of them frame {without[0]}"
        raise InputError(f"an energy of each frame of {where}", found, "say energy_key='NAME', or leave them out")


def missing_forces(energy: str | None, stored: list[StoredFrame], sizes: list[int], where: str) -> InputError:
    """Energies alone: the sentence that names their key, and what else may be the forces; or atoms that are alone."""
    if all(n == 1 for n in sizes):
        fix = "repeat the cells, or give frames of several atoms, with their forces"
        return InputError(f"forces to train on in {where}", "frames of one atom, whose force is zero", fix)
    held = may_be_forces(stored, sizes)
    fix = f"say forces_key='{held[0]}', if these are forces" if held else "give a file with forces"
    return InputError(f"forces to train on in {where}", f"`{energy}` alone, among {listed_keys(stored)}", fix)


def free_energy_note(key: str | None, energy: list, stored: list[StoredFrame]) -> list[str]:
    """Whether `free_energy`, whose derivative the forces of metals are, differs from what is read."""
    if key != "energy" or not all("free_energy" in frame for frame in stored):
        return []
    most = np.abs(np.array([frame["free_energy"] for frame in stored], float) - np.array(energy)).max()
    advice = "forces may belong to it: energy_key='free_energy'"
    return [f"`free_energy` differs from `energy` by up to {most:.3g} eV; {advice}"] if most > 1e-6 else []
