# SPDX-License-Identifier: Apache-2.0
"""Sample the motion of atoms in a potential: molecular dynamics at constant energy, temperature, or pressure."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import sampling
from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import BOLTZMANN, FEMTOSECOND
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.atoms.dynamics_files import DynamicsFiles
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.sampling.dynamics.motion import AbstractDynamics
    from isinglass.systems.particle.structure import AtomsInPotential

__all__ = ["SampleDynamics"]

Ensemble = Literal["langevin", "nose-hoover", "nve", "npt"]


@dataclass(frozen=True)
class SampleDynamics(AbstractTask):
    """Molecular dynamics: Langevin, Nosé-Hoover chains, constant energy, or constant pressure with the whole cell.

        sample(0, AtomsInPotential(potential, atoms), temperature=300.0, steps=10_000)

    Law: the conserved energy drifts by less than 1 meV an atom in 10 ps; kinetic energies have Boltzmann's law.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.particle.structure:AtomsInPotential",)
    guide: ClassVar[str] = "docs/potentials.md"
    what: ClassVar[str] = "atoms in a potential (isinglass.systems.AtomsInPotential)"
    command: ClassVar[str] = "md"
    source: ClassVar[type] = DynamicsFiles
    least: ClassVar[dict[str, float]] = {"pressure": -1e6}

    temperature: float = 300.0
    """Temperature in K: of the bath, or of the velocities that are drawn at the start."""
    steps: int = 10_000
    """Steps of the motion."""
    time_step: float = 1.0
    """Time step in fs."""
    ensemble: Ensemble = "langevin"
    """langevin and nose-hoover: a temperature; nve: constant energy; npt: a temperature and a pressure."""
    pressure: float = 0.0
    """Pressure in GPa, of npt."""
    friction: float = 5.0
    """Friction of langevin and npt in 1/ps."""
    cell: Literal["full", "isotropic"] = "full"
    """What changes in npt: all lengths and angles of the cell, or its volume alone."""
    every: int = 10
    """Steps from one measurement, and one frame, to the next."""
    skin: float | None = None
    """Å beyond the cutoff to which neighbors are looked for; by default 0.5, of networks 0.2 where atoms are slow."""
    precision: Literal["double", "single"] = "double"
    """Numbers of 64 or of 32 bits."""
    trajectory: Path | None = setting(None, shown=Path, identity=False)
    """A new file of frames, .xyz (extended) or .traj, written as they come."""

    def run(
        self, key: Any, problem: "AtomsInPotential", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Draw velocities, move, and hold the trajectory against mechanics and the law of the temperature."""
        import jax
        import jax.numpy as jnp

        from isinglass.tasks.atoms.moved import MovedAtoms

        begun = time.perf_counter()
        atoms = problem.atoms
        if self.ensemble == "npt" and not atoms.pbc.all():
            raise InputError("a cell that is periodic in three directions for npt", f"pbc = {atoms.pbc.tolist()}",
                             "choose another ensemble")  # fmt: skip
        velocities, given = self.velocities(jax.random.fold_in(key, 0), problem)
        freedom = sampling.dynamics.rest.degrees_of_freedom(atoms.positions, atoms.pbc)
        dynamics, steps = self.dynamics(freedom), self.every * max(1, self.steps // self.every)
        plan = sampling.dynamics.simulation.DynamicsPlan(steps, self.every, skin=self.margin(problem))
        found = sampling.dynamics.simulation.simulate(
            jax.random.fold_in(key, 1), dynamics, problem.potential, atoms, problem.species, velocities, plan,
            dtype=jnp.float32 if self.precision == "single" else None, store=self.store(atoms),
            checkpoint=checkpoint, progress=progress,
        )  # fmt: skip
        moved = MovedAtoms(found, atoms, plan, self.temperature, self.time_step, self.ensemble, self.pressure,
                      3 * len(atoms.numbers) if self.ensemble in ("langevin", "npt") else freedom,
                      float(getattr(problem.potential, "nearest", 0.0)),
                      float(getattr(problem.potential, "known", 0.0)),
                      problem.least_coordination,
                      float(problem.potential.cutoff))  # fmt: skip
        return Result(
            "dynamics", estimates=moved.estimates(), checks=moved.checks(), arrays=moved.arrays(),
            settings=vars(self) | {"trajectory": None if self.trajectory is None else str(self.trajectory)},
            seconds=time.perf_counter() - begun, status=found.status, figures=moved.figures(),
            notes=[*moved.notes(given), *([] if steps == self.steps else [f"{steps} steps: a multiple of every"])],
            metrics=moved.metrics(),
        )  # fmt: skip

    def margin(self, problem: "AtomsInPotential") -> float:
        """The skin: of networks, which pay for every neighbor, six times what the lightest atom moves in a step.

        Law: half of it holds three times √<v²> of Boltzmann's law; at least 0.2 Å, at most 0.5 Å.
        """
        import jax

        if self.skin is not None:
            return self.skin
        if sum(np.size(a) for a in jax.tree.leaves(problem.potential)) < sampling.dynamics.simulation.PARAMETERS:
            return 0.5
        lightest = float(np.min(problem.atoms.masses))
        moved = self.time_step * FEMTOSECOND * (3 * BOLTZMANN * self.temperature / lightest) ** 0.5
        return float(np.clip(6 * moved, 0.2, 0.5))

    def velocities(self, key: Any, problem: "AtomsInPotential") -> tuple[np.ndarray, bool]:
        """Those of the atoms where they have any, else Maxwell's; in both the momentum is taken out."""
        import jax.numpy as jnp

        atoms, given = problem.atoms, problem.atoms.velocities is not None
        masses = np.asarray(atoms.masses, float)
        drawn = sampling.dynamics.motion.thermal_velocities(key, jnp.asarray(masses), self.temperature)
        v = np.asarray(atoms.velocities if given else drawn, float)
        return sampling.dynamics.rest.at_rest(atoms.positions, v, masses, turning=not atoms.pbc.any()), given

    def dynamics(self, freedom: int) -> "AbstractDynamics":
        """The integrator."""
        if self.ensemble == "nve":
            return sampling.dynamics.velocity_verlet.VelocityVerlet(time_step=self.time_step)
        if self.ensemble == "nose-hoover":
            return sampling.dynamics.nose_hoover.NoseHooverChain(
                temperature=self.temperature, freedom=max(freedom, 1), time_step=self.time_step
            )
        bath = sampling.dynamics.langevin_bath.LangevinBath(
            temperature=self.temperature, time_step=self.time_step, friction=self.friction
        )
        if self.ensemble == "langevin":
            return bath
        return sampling.dynamics.cell_move.ConstantPressure(bath=bath, pressure=self.pressure, shape=self.cell)  # pyright: ignore

    def store(self, atoms: Any) -> Any:
        """What writes the trajectory, None where no file is named."""
        if self.trajectory is None:
            return None
        from isinglass.data.atoms.trajectory_file import TrajectoryFile

        return TrajectoryFile(self.trajectory, atoms, self.every * self.time_step).store
