# SPDX-License-Identifier: Apache-2.0
"""What atoms at rest say: energy, cell, elastic constants, vibrations, and the checks that earn the verdict."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from isinglass import checks
from isinglass.approximation.harmonic.elasticity import Elasticity
from isinglass.approximation.harmonic.phonons import Phonons, heights
from isinglass.exact.particle.metal_units import GIGAPASCAL
from isinglass.result import Check, Estimate
from isinglass.sampling.dynamics.rest import degrees_of_freedom
from isinglass.systems.particle.evaluation import Evaluated, evaluate
from isinglass.systems.particle.neighbor_search import coordination, vesin_neighbors
from isinglass.systems.particle.structure import AtomicStructure, AtomsInPotential
from isinglass.tasks.atoms.moved_doubt import MovedDoubt

__all__ = ["Still"]

PLANCK = 4.135667696e-3  # eV/THz
GRID = 12  # wave vectors along each direction of the density of states
POINTS = 120  # of the path


@dataclass(frozen=True)
class Still:
    """A structure at rest with what it was made of."""

    problem: AtomsInPotential
    rest: AtomicStructure
    enthalpy: float  # eV
    shape: str
    pressure: float  # GPa
    tolerances: tuple[float, float]
    status: str
    phonons: Phonons | None
    elastic: Elasticity | None

    @property
    def n(self) -> int:
        """Atoms."""
        return len(self.rest.numbers)

    @property
    def work(self) -> float:
        """P V in eV, of a cell that is free."""
        return 0.0 if self.shape == "none" else self.pressure * GIGAPASCAL * self.rest.volume

    @cached_property
    def again(self) -> Evaluated:
        """Energy, forces and stress at rest, neighbors by vesin."""
        return evaluate(self.problem.potential, self.rest)

    @property
    def doubt(self) -> MovedDoubt | None:
        """What the potential says of its own errors."""
        found, known = self.again.uncertainty, float(getattr(self.problem.potential, "known", 0.0))
        return None if found is None else MovedDoubt.of_one(found, known, np.asarray(self.rest.numbers))

    @property
    def wide(self) -> bool:
        """Whether the supercell of the phonons is as wide as twice the cutoff, in all periodic directions."""
        assert self.phonons is not None  # noqa: S101
        width = heights(self.rest) * np.array(self.phonons.repeats)
        return bool((width >= 2 * float(self.problem.potential.cutoff)).all())

    def as_trained(self) -> list[Check]:
        """Whether a learned potential has seen such distances, and such coordination."""
        of, potential = checks.trajectory, self.problem.potential
        nearest, least = float(getattr(potential, "nearest", 0.0)), self.problem.least_coordination
        if not nearest:  # not learned
            return []
        x, cell, pbc, R = self.rest.positions, self.rest.cell, self.rest.pbc, float(potential.cutoff)
        shortest = vesin_neighbors(x, cell, pbc, R).distance
        found = [of.as_trained(shortest, nearest)] if len(shortest) else []
        lonely = [of.coordinated(float(coordination(x, cell, pbc, R).min()), least)] if np.isfinite(nearest) else []
        return found + lonely

    @cached_property
    def frequency(self) -> Float[np.ndarray, "k modes"]:
        """THz at the wave vectors where they are exact."""
        assert self.phonons is not None  # noqa: S101
        return self.phonons.frequencies(self.phonons.grid())

    def estimates(self) -> dict[str, Estimate]:
        """Numbers without errors: they are exact up to the tolerances."""
        found = {"energy_per_atom": Estimate(self.again.energy / self.n, unit="eV")}
        found |= {} if self.doubt is None else self.doubt.estimates()
        if self.rest.pbc.all():
            lengths = np.linalg.norm(self.rest.cell, axis=1)
            found["volume_per_atom"] = Estimate(self.rest.volume / self.n, unit="Å^3")
            found |= {
                f"cell_length_{name}": Estimate(float(x), unit="Å") for name, x in zip("abc", lengths, strict=True)
            }
        if self.elastic is not None:
            C = self.elastic.constants
            found |= {
                f"elastic_c{i}{j}": Estimate(float(C[i - 1, j - 1]), unit="GPa") for i, j in ((1, 1), (1, 2), (4, 4))
            }
            found["bulk_modulus"] = Estimate(self.elastic.bulk, unit="GPa")
            found["shear_modulus"] = Estimate(self.elastic.shear, unit="GPa")
        if self.phonons is not None:
            real = np.maximum(self.frequency, 0)
            found["highest_frequency"] = Estimate(float(self.frequency.max()), unit="THz")
            if self.wide:
                energy = float(PLANCK * real.sum(1).mean() / 2 / self.n)
                found["zero_point_energy_per_atom"] = Estimate(energy, unit="eV")
        return found

    def checks(self) -> list[Check]:
        """At rest, at a minimum, stable."""
        of, before = checks.crystal, evaluate(self.problem.potential, self.problem.atoms)
        law = "relaxation converges" if self.status == "done" else f"relaxation converges: it is {self.status}"
        converged = Check.at_least(law, 1.0 if self.status == "done" else 0.0, 1.0)
        said = [converged, of.forces_vanish(float(np.linalg.norm(self.again.forces, axis=1).max()), self.tolerances[0])]
        if self.shape != "none":
            stress = self.again.stress / GIGAPASCAL
            said.append(of.stress_is_pressure(stress, self.pressure, self.tolerances[1], self.shape))
        start = before.energy
        if self.shape != "none":
            start += self.pressure * GIGAPASCAL * self.problem.atoms.volume
        said += [of.same_energy(self.enthalpy - self.work, self.again.energy, self.n),
                 of.energy_fell(start, self.enthalpy, self.n)]  # fmt: skip
        said += self.as_trained() + ([] if self.doubt is None else self.doubt.checks())
        if self.phonons is not None:
            freedom = degrees_of_freedom(self.rest.positions, self.rest.pbc)
            stable = of.vibrations_stable(self.frequency, freedom, wide=self.wide)
            said += [of.sum_rule(self.phonons.sum_rule), stable]
        else:
            law = "lowest vibration (not computed: a saddle would look the same)"
            said.append(Check(law, None, 0.0, None, "unknown", relation=">="))
        return said + ([] if self.elastic is None else [of.elastically_stable(self.elastic.least)])

    def arrays(self) -> Any:
        """The structure, C, frequencies on the grid, their density, and along a path."""
        import xarray as xr

        columns: dict[str, Any] = {
            "positions": (("atom", "xyz"), self.rest.positions), "cell": (("vector", "xyz"), self.rest.cell),
            "atomic_number": ("atom", self.rest.numbers), "forces": (("atom", "xyz"), self.again.forces),
        }  # fmt: skip
        if np.isfinite(self.again.stress).all():
            columns["stress"] = (("xyz", "xyz_"), self.again.stress / GIGAPASCAL, {"units": "GPa"})
        if self.elastic is not None:
            columns["elastic_constants"] = (("voigt", "voigt_"), self.elastic.constants, {"units": "GPa"})
            columns["elastic_constants_clamped"] = (("voigt", "voigt_"), self.elastic.clamped, {"units": "GPa"})
        arrays = xr.Dataset(columns)
        return arrays if self.phonons is None else arrays.merge(self.vibrations())

    def vibrations(self) -> Any:
        """Frequencies."""
        import xarray as xr

        assert self.phonons is not None  # noqa: S101
        found = {"grid": (("q", "xyz"), self.phonons.grid()), "grid_frequency": (("q", "mode"), self.frequency)}
        if not self.rest.pbc.any():
            return xr.Dataset(found)
        counts = [GRID if p else 1 for p in self.rest.pbc]
        ticks = np.meshgrid(*((np.arange(k) + 0.5) / k - 0.5 if k > 1 else np.zeros(1) for k in counts), indexing="ij")
        every = self.phonons.frequencies(np.stack(ticks, -1).reshape(-1, 3))
        edges = np.linspace(min(0.0, float(every.min())), 1.05 * float(every.max()), 121)
        density = np.histogram(every, edges, density=True)[0]
        coords = {"frequency": ("frequency", (edges[1:] + edges[:-1]) / 2, {"units": "THz"})}
        return xr.Dataset(found | {"phonon_density": ("frequency", density)}, coords=coords).merge(self.path())

    def path(self) -> Any:
        """Frequencies along the path of ASE through the points of symmetry; none where ASE has none."""
        import xarray as xr
        from ase.cell import Cell

        try:
            path = Cell(self.rest.cell).bandpath(npoints=POINTS, pbc=self.rest.pbc.tolist())
        except Exception:  # of lattices that it cannot name  # noqa: BLE001
            return xr.Dataset()
        x, where, names = path.get_linear_kpoint_axis()
        assert self.phonons is not None  # noqa: S101
        bands = self.phonons.frequencies(np.asarray(path.kpts))
        breaks = np.flatnonzero(np.diff(x) == 0) + 1  # where the path goes on elsewhere
        x, bands = np.insert(x, breaks, x[breaks]), np.insert(bands, breaks, np.nan, axis=0)
        attributes = {"ticks": [float(w) for w in where], "labels": [str(n) for n in names]}
        return xr.Dataset({"phonon_band": (("path", "mode"), bands, attributes)}, coords={"path": ("path", x)})

    def figures(self) -> list[str]:
        """What is drawn."""
        return ["phonons"] if self.phonons is not None and self.rest.pbc.any() else []

    def notes(self) -> list[str]:
        """What a reader must know."""
        said = []
        if self.phonons is not None:
            a, b, c = self.phonons.repeats
            said.append(f"phonons: exact at the wave vectors of {a} x {b} x {c} cells, interpolated between them")
        if self.elastic is not None and self.pressure:
            said.append("elastic constants are those of stress and strain under the pressure")
        return said
