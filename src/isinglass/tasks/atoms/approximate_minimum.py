# SPDX-License-Identifier: Apache-2.0
"""Approximate the energy of atoms near a minimum: the structure at rest, elastic constants, phonons."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import approximation
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.atoms.dynamics_files import DynamicsFiles
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.systems.particle.structure import AtomicStructure, AtomsInPotential
    from isinglass.tasks.atoms.hopped import HoppedAtoms

__all__ = ["ApproximateMinimum"]


@dataclass(frozen=True)
class ApproximateMinimum(AbstractTask):
    """E ≈ E_0 + ½ u Φ u + ½ V ε C ε at rest: positions and cell by L-BFGS, Φ and C by exact differentiation.

        approximate(0, AtomsInPotential(potential, atoms))

    Law: no force, no stress beside the pressure, no imaginary frequency, a positive C.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.particle.structure:AtomsInPotential",)
    guide: ClassVar[str] = "docs/potentials.md"
    what: ClassVar[str] = "atoms in a potential (isinglass.systems.AtomsInPotential)"
    command: ClassVar[str] = "relax"
    source: ClassVar[type] = DynamicsFiles
    least: ClassVar[dict[str, float]] = {"pressure": -1e6, "hops": 0}

    cell: Literal["auto", "none", "isotropic", "full"] = "auto"
    """What of the cell is free; auto: all of it where it is periodic in three directions, else nothing."""
    pressure: float = 0.0
    """Pressure in GPa."""
    force: float = 1e-5
    """Largest force to be left, eV/Å."""
    stress: float = 1e-3
    """Largest stress beside the pressure to be left, GPa."""
    steps: int = 2000
    """Evaluations at most."""
    properties: Literal["all", "elastic", "phonons", "none"] = "all"
    """What is computed at rest."""
    reach: float = 8.0
    """Å: phonons are of a supercell twice as wide, so that they are exact for forces of that range."""
    supercell: int = 1024
    """Atoms of the supercell at most."""
    hops: int = 0
    """Of atoms in the open: hops of each walker from minimum to minimum before, to find the deepest; 0: none."""
    walkers: int = 8
    """Walkers that hop, side by side, from random distortions of the start."""
    hop_length: float = 0.4
    """Å that a hop moves each coordinate at most; about a seventh of the distance of neighbors."""
    hop_temperature: float | None = None
    """eV by which minima may rise in a hop, as a temperature; by default a fifth of the energy that binds an atom."""
    output: Path | None = setting(None, shown=Path, identity=False)
    """A new file for the structure at rest, in a format that ASE writes: .xyz, .cif, .vasp ..."""

    def run(
        self, key: Any, problem: "AtomsInPotential", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Relax, differentiate twice, and hold the result against what a minimum is."""
        from isinglass.tasks.atoms.still import Still

        begun = time.perf_counter()
        shape = self.shape(problem.atoms)
        if self.output is not None and (self.output.exists() or not self.output.parent.is_dir()):
            raise InputError("a new file in a folder that exists", f"{self.output}", "choose another path")
        hopped = self.hopped(key, problem, checkpoint, progress) if self.hops else None
        problem, atoms = problem if hopped is None else hopped.problem, problem.atoms
        harmonic = approximation.harmonic
        method = harmonic.relaxation.Relaxation(self.force, self.stress)
        start = self.deformable(problem, shape)
        state, status = harmonic.relaxation.relax(
            start, method, steps=self.steps, checkpoint=checkpoint, progress=progress
        )
        x, cell = (np.asarray(a, float) for a in start.at(state.z))
        rest = atoms._replace(positions=x, cell=cell, velocities=None)
        wanted = {"all": ("elastic", "phonons"), "none": ()}.get(self.properties, (self.properties,))
        phonons = elastic = None
        if wanted and status == "done":
            progress(0, 1, "second derivatives")
            repeats = (
                harmonic.phonons.repeats_for(rest, self.reach, self.supercell) if "phonons" in wanted else (1, 1, 1)
            )
            phonons = harmonic.phonons.force_constants(problem.potential, rest, repeats)
            if "elastic" in wanted and atoms.pbc.all():
                crystal = harmonic.crystal.still_crystal(problem.potential, rest, problem.species)
                elastic = harmonic.elasticity.elasticity(crystal, phonons.hessian)
        still = Still(problem, rest, float(state.value), shape, self.pressure, (self.force, self.stress), status,
                      phonons if "phonons" in wanted else None, elastic)  # fmt: skip
        self.write(rest)
        found = Result(
            "relaxation", estimates=still.estimates(), checks=still.checks(), arrays=still.arrays(),
            settings=vars(self) | {"cell": shape, "output": None if self.output is None else str(self.output)},
            seconds=time.perf_counter() - begun, status=status, figures=still.figures(), notes=still.notes(),
        )  # fmt: skip
        return found if hopped is None else hopped.told(found)

    def hopped(
        self, key: Any, problem: "AtomsInPotential", checkpoint: Path | None, progress: ProgressCallable
    ) -> "HoppedAtoms":
        """The deepest minimum of all walkers as another start; the first of them starts where the atoms are.

        Errors: InputError for periodic directions, fewer than two atoms, and where no minimum has its atoms apart.
        """
        import jax
        import jax.numpy as jnp

        from isinglass.systems.particle.evaluation import CLOSEST
        from isinglass.tasks.atoms.hopped import HoppedAtoms

        atoms, hopping = problem.atoms, approximation.harmonic.basin_hopping
        if atoms.pbc.any():
            raise InputError("atoms in the open for hops", f"pbc = {atoms.pbc.tolist()}", "write hops=0")
        if len(atoms.numbers) < 2:
            raise InputError("two atoms or more for hops", f"{len(atoms.numbers)}", "write hops=0")
        method = hopping.BasinHopping(self.hop_length, self.hop_temperature)
        cluster = hopping.Cluster(problem.potential, jnp.asarray(problem.species))
        key_start, key_hop = jax.random.split(key)
        known = float(getattr(problem.potential, "nearest", 0.0))  # infinite: not known
        apart = max(known, CLOSEST) if np.isfinite(known) else CLOSEST
        u = jax.random.uniform(key_start, (self.walkers, *atoms.positions.shape), float, -1.0, 1.0).at[0].set(0.0)
        search = hopping.deepest(
            key_hop, cluster, jnp.asarray(atoms.positions, float)[None] + 2 * self.hop_length * u, method,
            count=self.hops, apart=apart, checkpoint=checkpoint, progress=progress,
        )  # fmt: skip
        if not np.isfinite(search.lowest[-1]).any():
            raise InputError(f"minima with atoms {apart:.3g} Å apart or more", f"none in {self.hops} hops",
                             "train the potential on such atoms, or hop more often")  # fmt: skip
        return HoppedAtoms(problem, search)

    def shape(self, atoms: "AtomicStructure") -> str:
        """What of the cell is free.  Errors: InputError for a free cell with open directions."""
        if self.cell == "auto":
            return "full" if atoms.pbc.all() else "none"
        if self.cell != "none" and not atoms.pbc.all():
            fix = "write cell='none'"
            raise InputError("a cell that is periodic in three directions", f"pbc = {atoms.pbc.tolist()}", fix)
        return self.cell

    def deformable(self, problem: "AtomsInPotential", shape: str) -> Any:
        """The start as what L-BFGS takes."""
        import jax.numpy as jnp

        atoms = problem.atoms
        return approximation.harmonic.deformation.Deformable(
            problem.potential, jnp.asarray(atoms.positions, float), jnp.asarray(atoms.cell, float),
            jnp.asarray(atoms.pbc), jnp.asarray(problem.species), self.pressure, shape,
        )  # fmt: skip

    def write(self, rest: "AtomicStructure") -> None:
        """The structure into its file, where one is named."""
        if self.output is not None:
            from isinglass.data.atoms.structure_file import write_structure

            write_structure(rest, self.output)
