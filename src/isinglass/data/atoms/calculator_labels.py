# SPDX-License-Identifier: Apache-2.0
"""Labels of any calculator of ASE: EMT, Stillinger-Weber, PySCF's, or one's own."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.errors import InputError

__all__ = ["calculated"]


def calculated(
    frames: Iterable[Any], calculator: Any, *, progress: Callable[[int], None] = lambda done: None
) -> LabelledAtoms:
    """Energy, forces and, in cells that are periodic in three directions, stress of ASE's frames by a calculator.

    `info["config_type"]` of a frame is its group.  Unit: eV, Å.  Frames that the calculator says it cannot do, such as
    where its electrons do not become self-consistent, are left out, and a note counts them.
    Errors: InputError where there is no frame, or none that it can do, and where an energy or a force is not finite.
    """
    given, listed, energies, forces, stresses, failed = list(frames), [], [], [], [], []
    if not given:
        raise InputError("frames to label", "none", "give one or more")
    for k, frame in enumerate(frame.copy() for frame in given):
        frame.calc = calculator
        if said := failure(frame):
            failed.append(said)
            continue
        listed.append(frame)
        energies.append(float(frame.get_potential_energy()))
        forces.append(np.asarray(frame.get_forces(), float))
        stresses.append(stress_of(frame))
        if not np.isfinite(energies[-1]) or not np.isfinite(forces[-1]).all():
            found = f"energy {energies[-1]:g} eV, or forces that are not finite, in frame {k}"
            raise InputError(f"finite labels of {type(calculator).__name__}", found, "leave this frame out")
        progress(k + 1)
    if not listed:
        raise InputError(f"frames that {type(calculator).__name__} can do", f"none: {failed[0]}", "change its settings")
    left_out = (f"{len(failed)} of {len(given)} frames are left out: {failed[0]}",) if failed else ()
    return LabelledAtoms(
        np.array([len(frame) for frame in listed]), np.concatenate([frame.positions for frame in listed]).astype(float),
        np.concatenate([frame.numbers for frame in listed]).astype(int),
        np.array([frame.cell.array for frame in listed], float), np.array([frame.pbc for frame in listed], bool),
        np.array(energies), np.concatenate(forces), np.array(stresses), np.ones(len(listed)),
        tuple(str(frame.info.get("config_type", "")) for frame in listed),
        {"energy": "calculated", "forces": "calculated"}, type(calculator).__name__, left_out,
    )  # fmt: skip


def failure(frame: Any) -> str:
    """Why the calculator cannot do a frame, "" where it can."""
    from ase.calculators.calculator import CalculationFailed

    try:
        frame.get_forces()
    except CalculationFailed as error:
        return str(error)
    return ""


def stress_of(frame: Any) -> np.ndarray:
    """The stress, NaN where the cell is not periodic in three directions, or the calculator has none."""
    if not np.all(frame.pbc) or "stress" not in frame.calc.implemented_properties:
        return np.full((3, 3), np.nan)
    return np.asarray(frame.get_stress(voigt=False), float)
