# SPDX-License-Identifier: Apache-2.0
"""A potential, named or in a file, and atoms in another."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass import data, systems
from isinglass.errors import InputError
from isinglass.tasks.atoms.mace_torch_file import read_mace_torch

if TYPE_CHECKING:
    from isinglass.systems.particle.interatomic import AbstractInteratomic
    from isinglass.systems.particle.structure import AtomsInPotential

__all__ = ["DynamicsFiles", "load_potential", "named_potential"]

WORDS = "stillinger-weber, lennard-jones:EPS,SIGMA (eV, Å), a saved model or a file of mace-torch"


@dataclass(frozen=True)
class DynamicsFiles:
    """Atoms as ASE reads them, the last frame of a file, and what they move in."""

    model: Path
    """stillinger-weber, lennard-jones:EPS,SIGMA[,CUTOFF] (eV, Å), a saved model, or FILE[:HEAD] of mace-torch."""
    start: Path
    """A structure in any format that ASE reads: extended XYZ, CIF, POSCAR, .traj ..."""

    def read(self) -> "tuple[AtomsInPotential, dict[str, Any], dict[str, Any]]":
        """The problem; no settings; what was read, for the record."""
        atoms = data.atoms.structure_file.read_structure(self.start)
        potential = named_potential(str(self.model), atoms.numbers)
        said = f"{self.start.name}: {len(atoms.numbers)} atoms in {type(potential).__name__}"
        return systems.particle.structure.AtomsInPotential(potential, atoms), {}, {"read": said}


def named_potential(word: str, numbers: Any) -> "AbstractInteratomic":
    """The potential of a word, or of a file.  Errors: InputError for neither."""
    name, _, rest = word.partition(":")
    if word == "stillinger-weber":
        return systems.particle.potential.StillingerWeber()  # pyright: ignore[reportCallIssue] - cutoff is a property
    if name == "lennard-jones":
        try:
            epsilon, sigma, *cutoff = (float(number) for number in rest.split(","))
            (cutoff,) = cutoff or (3 * sigma,)
        except ValueError:
            found = repr(word)
            raise InputError("lennard-jones:EPS,SIGMA in eV and Å", found, "write lennard-jones:0.0104,3.4") from None
        known = sorted({int(z) for z in numbers})
        return systems.particle.potential.PairLennardJones(known, epsilon=epsilon, sigma=sigma, cutoff=cutoff)
    file, _, head = word.rpartition(":")
    if head and not Path(word).exists() and Path(file).is_file():
        return read_mace_torch(file, numbers, head)
    return load_potential(Path(word), numbers)


def load_potential(path: Path, numbers: Any = None) -> "AbstractInteratomic":
    """The interatomic potential in the folder of a saved model or run, or in a file of mace-torch.

    `numbers`: the elements that a file of mace-torch is read for, by default all.
    Errors: InputError where there is none.
    """
    from isinglass.run.model_file import load_model

    if path.is_file():
        return read_mace_torch(path, numbers)
    if not (path / "model.json").is_file():
        found = f"{path}, " + ("a folder without model.json" if path.is_dir() else "no such folder")
        raise InputError(WORDS, found, "name one of them")
    kind = systems.particle.interatomic.AbstractInteratomic
    models = {name: one for name, one in load_model(path).items() if isinstance(one, kind)}
    if len(models) != 1:
        found = f"{', '.join(models)}" if models else "none"
        raise InputError(f"one interatomic potential in {path}", found, "save one alone")
    return next(iter(models.values()))
