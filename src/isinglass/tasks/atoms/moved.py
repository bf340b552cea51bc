# SPDX-License-Identifier: Apache-2.0
"""What a trajectory of atoms says: averages with errors, structure, motion, and the checks that earn its verdict."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass import checks, observables
from isinglass.exact.particle.metal_units import BOLTZMANN, GIGAPASCAL
from isinglass.result import Check, Estimate
from isinglass.sampling.dynamics.simulation import AtomicTrajectory, DynamicsPlan
from isinglass.stats.autocorrelation import mean_and_error
from isinglass.systems.particle.structure import AtomicStructure
from isinglass.tasks.atoms.moved_doubt import MovedDoubt

__all__ = ["MovedAtoms"]

WARMUP = 0.2  # share of the rows that averages leave out
MOST_STORED = 2**23  # numbers of the frames in the arrays
FRAMES_OF_RDF, R_MAX = 50, 8.0  # Å
RESOLUTION = 0.5  # THz
FASTEST = {1: 130.0, 6: 65.0, 7: 70.0, 8: 65.0}  # THz, by the lightest element: H2, and double and triple bonds


@dataclass(frozen=True)
class MovedAtoms:
    """A trajectory with what it was made of."""

    found: AtomicTrajectory
    atoms: AtomicStructure
    plan: DynamicsPlan
    temperature: float  # K, asked for
    time_step: float  # fs
    ensemble: str
    pressure: float  # GPa
    freedom: int
    nearest: float = 0.0  # Å, of two atoms in the training of a learned potential; 0: not learned, inf: not known
    known: float = 0.0  # eV/Å, of a potential that gives its uncertainty: what it has at most on held-out frames
    coordination: float | None = 0.0  # least of an atom in the training, Σ_j (1 - r²/R²)²; None: not known
    cutoff: float = R_MAX  # Å, of the potential

    @property
    def n(self) -> int:
        """Atoms."""
        return len(self.atoms.numbers)

    @property
    def interval(self) -> float:
        """ps from row to row, and frame to frame."""
        return self.plan.every * self.time_step / 1000

    @property
    def time(self) -> Float[np.ndarray, " rows"]:
        """ps of each row."""
        return (1 + np.arange(len(self.found.rows.potential))) * self.interval

    @property
    def doubt(self) -> MovedDoubt | None:
        """What the potential says of its own errors."""
        rows = self.found.rows.uncertainty
        steps = self.plan.every * (1 + np.arange(len(self.time)))
        return None if rows is None else MovedDoubt(rows, self.known, steps, np.asarray(self.atoms.numbers))

    @property
    def first(self) -> int:
        """The first row after the warm-up."""
        return int(WARMUP * len(self.time))

    @cached_property
    def series(self) -> dict[str, Float[np.ndarray, " rows"]]:
        """Name -> value in each row: K, eV an atom, meV an atom, GPa, Å³."""
        rows = self.found.rows
        kinetic, conserved = (np.asarray(a, float) for a in (rows.kinetic, rows.conserved))
        found = {
            "temperature": 2 * kinetic / (self.freedom * BOLTZMANN),
            "potential_energy": np.asarray(rows.potential, float) / self.n,
            "conserved_energy": 1000 * (conserved - conserved[:1]) / self.n,
            "shortest_distance": np.asarray(rows.shortest, float),
        }
        if self.atoms.pbc.all():
            volume = np.abs(np.linalg.det(np.asarray(rows.cell, float)))
            trace = np.trace(np.asarray(rows.strain, float), axis1=1, axis2=2)
            found |= {"pressure": -trace / 3 / volume / GIGAPASCAL, "volume": volume / self.n}
        return found if self.doubt is None else found | self.doubt.series()

    def averaged(self, name: str) -> Float[np.ndarray, " rows"]:
        """A series after the warm-up."""
        return self.series[name][self.first :]

    def estimates(self) -> dict[str, Estimate]:
        """Means with the errors of correlated series."""
        units = {"temperature": "K", "potential_energy": "eV", "pressure": "GPa", "volume": "Å^3"}
        names = [n for n in units if n in self.series and (n != "volume" or self.ensemble == "npt")]
        found = {} if self.doubt is None else self.doubt.estimates()
        if len(self.averaged("temperature")) < 8:
            return found
        for name in names:
            mean, error = (float(v) for v in mean_and_error(jnp.asarray(self.averaged(name), float)))
            per = "_per_atom" if name in ("potential_energy", "volume") else ""
            found[name + per] = Estimate(mean, error, units[name])
        D = observables.displacement.diffusion(self.displaced(), self.interval)
        if np.isfinite(D.value):
            found["diffusion_coefficient"] = Estimate(D.value, D.error, "Å^2/ps")
        if self.found.trials[0] > 0:
            found["acceptance_of_the_cell"] = Estimate(float(self.found.trials[1] / self.found.trials[0]))
        return found

    def checks(self) -> list[Check]:
        """Mechanics for all; the law of the temperature where there is a bath; that of the pressure in npt."""
        of, kT, first = checks.trajectory, BOLTZMANN * self.temperature, self.first
        said = [
            of.unexploded(self.found.steps, self.plan.steps, self.found.status),
            of.conserved(self.averaged("conserved_energy"), self.time[first:]),
            of.atoms_apart(self.series["shortest_distance"], self.shortest_at_start),
        ]
        if self.nearest:
            said.append(of.as_trained(self.series["shortest_distance"], self.nearest))
        if 0 < self.nearest < np.inf:
            said.append(of.coordinated(self.loneliest, self.coordination))
        if self.doubt is not None:
            said += self.doubt.checks()
        if self.ensemble in ("nve", "nose-hoover"):
            single = self.found.end.x.dtype == np.float32
            said.append(of.momentum_at_rest(np.asarray(self.found.rows.momentum, float), 1e-4 if single else 1e-10))
        if self.ensemble != "nve":
            kinetic = np.asarray(self.found.rows.kinetic, float)[first:]
            said += [of.mean_kinetic(self.averaged("temperature"), self.temperature),
                     of.kinetic_law(kinetic, self.freedom, kT)]  # fmt: skip
        if self.ensemble == "npt":
            volume = self.averaged("volume") * self.n
            said.append(of.pressure_law(self.averaged("pressure"), volume, self.pressure, kT / GIGAPASCAL))
        return said

    @cached_property
    def shortest_at_start(self) -> float:
        """Å between two atoms, NaN where none is within the cutoff."""
        from isinglass.systems.particle.neighbor_search import vesin_neighbors

        near = vesin_neighbors(self.atoms.positions, self.atoms.cell, self.atoms.pbc, R_MAX)
        return float(near.distance.min()) if len(near.distance) else float("nan")

    @cached_property
    def loneliest(self) -> float:
        """The least coordination of an atom, of the start and some frames."""
        from isinglass.systems.particle.neighbor_search import coordination

        x, cells = self.found.frames.x, self.found.frame_cell
        some = slice(None, None, -max(1, len(x) // FRAMES_OF_RDF))
        seen = [(self.atoms.positions, self.atoms.cell), *zip(x[some], cells[some], strict=True)]
        of = lambda x, cell: coordination(np.asarray(x, float), np.asarray(cell, float), self.atoms.pbc, self.cutoff)  # noqa: E731
        return min(float(of(*one).min()) for one in seen)

    def displaced(self) -> Float[np.ndarray, "frames n 3"]:
        """Positions after the warm-up without the motion of the center of mass and of the cell."""
        x = np.asarray(self.found.frames.x, float)[self.first :]
        if self.ensemble == "npt" and len(x):
            x = observables.displacement.in_mean_cell(x, np.asarray(self.found.frame_cell, float)[self.first :])
        return observables.displacement.without_drift(x, self.atoms.masses)

    def arrays(self) -> Any:
        """Series by time, structure by distance, motion by time and frequency; the frames where they are small."""
        import xarray as xr

        found = {name: ("time", value) for name, value in self.series.items()}
        arrays = xr.Dataset(found, coords={"time": ("time", self.time, {"units": "ps"})})
        if self.doubt is not None:
            arrays["known_forces_uncertainty"] = self.known
        arrays["final_positions"] = (("atom", "xyz"), np.asarray(self.found.end.x, float))
        arrays["final_velocities"] = (("atom", "xyz"), np.asarray(self.found.end.v, float))
        arrays["final_cell"] = (("vector", "xyz"), np.asarray(self.found.end.cell, float))
        arrays["atomic_number"] = ("atom", self.atoms.numbers)
        if 0 < self.found.frames.x.size <= MOST_STORED:
            arrays["positions"] = (("time", "atom", "xyz"), np.asarray(self.found.frames.x, np.float32))
        return arrays.merge(self.motion()).merge(self.structure())

    def motion(self) -> Any:
        """Mean square displacement, velocity autocorrelation, vibrational density."""
        import xarray as xr

        v = np.asarray(self.found.frames.v, float)[self.first :]
        if len(v) < 16:
            return xr.Dataset()
        half = len(v) // 2
        lag = ("lag", np.arange(half) * self.interval, {"units": "ps"})
        msd = observables.displacement.mean_square_displacement(self.displaced())[:half]
        C = observables.vibration.velocity_autocorrelation(v, self.atoms.masses)[:half]
        f, g = observables.vibration.vibrational_density(v, self.atoms.masses, self.interval, RESOLUTION)
        columns = {"mean_square_displacement": ("lag", msd), "velocity_autocorrelation": ("lag", C),
                   "vibrational_density": ("frequency", g)}  # fmt: skip
        return xr.Dataset(columns, coords={"lag": lag, "frequency": ("frequency", f, {"units": "THz"})})

    def structure(self) -> Any:
        """The radial distribution of some frames."""
        import xarray as xr

        frames, cells = self.found.frames.x[self.first :], self.found.frame_cell[self.first :]
        if not len(frames) or not self.atoms.pbc.all():
            return xr.Dataset()
        some = slice(None, None, max(1, len(frames) // FRAMES_OF_RDF))
        r, g, _ = observables.radial_distribution.radial_distribution(
            zip(frames[some], cells[some], strict=True), R_MAX
        )
        return xr.Dataset({"radial_distribution": ("r", g)}, coords={"r": ("r", r, {"units": "Å"})})

    def figures(self) -> list[str]:
        """What is drawn."""
        motion = ["vibrations"] if len(self.found.frames.v) - self.first >= 16 else []
        structure = ["radial_distribution"] if self.atoms.pbc.all() and len(self.found.frames.x) else []
        doubt = ["doubt"] if self.doubt is not None and len(self.time) else []
        return (["dynamics"] if len(self.time) else []) + doubt + structure + motion

    def metrics(self) -> list[dict[str, float]]:
        """How fast it was, without compilation; the uncertainty of forces along the way."""
        found = {"steps_per_second": 1 / self.found.seconds} if np.isfinite(self.found.seconds) else {}
        if self.doubt is not None:
            found |= {name: e.value for name, e in self.doubt.estimates().items()}
        return [found] if found else []

    def notes(self, given: bool) -> list[str]:  # noqa: FBT001
        """How it began, what is not to be trusted, and what stopped it."""
        said = ["velocities at the start: those of the file, without the momentum" if given else
                f"velocities at the start: drawn at {self.temperature:g} K, without momentum"]  # fmt: skip
        nyquist = 500 / (self.plan.every * self.time_step)
        if nyquist < FASTEST.get(int(self.atoms.numbers.min()), 40.0):
            said.append(f"vibrations above {nyquist:.3g} THz fold back to lower frequencies: choose a smaller every")
        if self.doubt is not None:
            said.append(f"uncertainty of forces: one more evaluation of all networks for {self.plan.every} steps")
        return said + ([] if self.found.status == "done" else [self.found.status])
