# SPDX-License-Identifier: Apache-2.0
"""Frames of atoms with labels, in what ASE reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from isinglass import data

if TYPE_CHECKING:
    from isinglass.data.atoms.labelled_atoms import LabelledAtoms

__all__ = ["AtomsFiles"]


@dataclass(frozen=True)
class AtomsFiles:
    """Frames with energies and forces: extended XYZ, ASE databases, .traj, and whatever else ASE reads."""

    files: tuple[Path, ...]
    """Frames to train on."""
    valid: tuple[Path, ...] = ()
    """Frames that choose the best step; by default a share of those to train on."""
    test: tuple[Path, ...] = ()
    """Frames for the errors that are reported; by default a share of those to train on."""
    isolated: Path | None = None
    """Energies of isolated atoms; by default those among the frames, else least squares."""
    energy_key: str | None = None
    """Name of the energies in the files; by default a usual one."""
    forces_key: str | None = None
    """Name of the forces."""
    stress_key: str | None = None
    """Name of the stresses, which are read only with their unit and sign."""
    virial_key: str | None = None
    """Name of virials -V stress, in eV."""
    stress_unit: Literal["eV/A^3", "GPa", "kbar", "bar"] | None = None
    """Unit of the stresses."""
    stress_sign: Literal["tension", "pressure"] | None = None
    """What is positive: tension as in ASE, or pressure as in VASP's output."""
    stress_order: Literal["voigt", "vasp"] | None = None
    """Of six numbers: xx yy zz yz xz xy, or xx yy zz xy yz xz."""
    units: Literal["checked", "stated"] = "checked"
    """stated: energies are eV and lengths Å, however they look."""

    def read(self) -> "tuple[LabelledAtoms, dict[str, Any], dict[str, Any]]":
        """Frames to train on; others and references, as settings; what was read, for the record."""
        of = ("energy_key", "forces_key", "stress_key", "virial_key", "stress_unit", "stress_sign", "stress_order")
        keys = data.atoms.LabelKeys(**{name: getattr(self, name) for name in of})
        read = data.atoms.read_atoms
        atoms = read(self.files, keys, units=self.units)
        others = {"valid": self.valid, "test": self.test, "isolated": self.isolated and [self.isolated]}
        more: dict[str, Any] = {
            name: read(paths, keys, need_forces=False, units=self.units) for name, paths in others.items() if paths
        }
        said = [f"{one.source}: {len(one)} frames, {len(one.numbers)} atoms" for one in (atoms, *more.values())]
        return atoms, more, {"read": said}
