# SPDX-License-Identifier: Apache-2.0
"""Approximate the time evolution of a quantum state: a neural state whose parameters follow Schrödinger's equation."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import approximation, checks, systems
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.setting.ansatz import name_of, require_fit
from isinglass.tasks.setting.observable import Observables, observable_operators
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.approximation.variational.ensemble import AbstractBornAverage
    from isinglass.approximation.variational.time_dependent import Evolved
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.initial_value_problem import InitialValueProblem

    Values = Mapping[str, np.ndarray] | None
    Permutations = np.ndarray | None
else:
    Values = Permutations = Any

__all__ = ["ApproximateEvolution"]

SMALL = 1 << 12  # largest space whose exact evolution is computed for comparison
MOST_CHAINS = 1024
TAKEN = ("time", "energy", "energy_drift", "residual", "largest_residual", "distance_bound")


@dataclass(frozen=True)
class ApproximateEvolution(AbstractTask):
    """Time-dependent variational Monte Carlo, from one of the times to the next, and observables at each.

        quench = InitialValueProblem(transverse_field_ising(hypercubic((6,)), 0.5), state, np.linspace(0, 1, 51))
        result = isinglass.approximate(0, quench, observables={"magnetization": sum(X(i) for i in range(6)) / 6})

    It is compared with the exact evolution where the space has at most 2^12 states, or where that is given.
    Law: <H> stays in real time, and never rises in imaginary time.
    Ref: Carleo et al. 2012, doi:10.1038/srep00243.
    Errors: InputError for a start of another space, or values at other times.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.quantum.initial_value_problem:InitialValueProblem",)
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "an initial value problem"
    least: ClassVar[dict[str, float]] = {"samples": 0, "cutoff": 0, "signal_to_noise": 0}

    observables: Observables = setting(None)
    """Name -> operator or its terms, measured at each time."""
    samples: int = 0
    """Samples of Markov chains at each stage of a step; 0: the sum over all states, up to about 20 spins."""
    symmetry: Permutations = setting(None)
    """Permutations of the sites, as rows, that leave start, H and observables as they are: one state of each orbit is
    summed."""
    solver: Literal["heun", "rk4"] = "rk4"
    """Heun: two stages, error O(dt²); rk4, Runge-Kutta: four stages, O(dt⁴)."""
    cutoff: float = 1e-9
    """Eigenvalues of S that are left out, as a fraction of the largest."""
    signal_to_noise: float = 0.0
    """Directions whose force is below this many standard errors are left out; for Markov chains."""
    chunk: int | None = None
    """Samples whose derivatives and energies are taken at a time; by default all."""
    exact: Values = setting(None)
    """Name of an observable -> its exact values at the times; by default those of the whole vector where it is
    small."""
    exact_source: str = "Krylov"
    """Source of the exact values."""
    accuracy: float = 1e-2
    """Allowed deviation of an observable from its exact values."""
    drift: float = 1e-3
    """Allowed relative drift of the energy, or rise in imaginary time."""

    def run(
        self, key: Any, problem: "InitialValueProblem", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        begun, hamiltonian = time.perf_counter(), problem.hamiltonian
        observables = self.operators(problem)
        require_fit(problem.start, hamiltonian)  # pyright: ignore[reportArgumentType]
        exact = self.exact_values(problem, observables)
        method = approximation.variational.time_dependent.TimeDependent(
            hamiltonian, self.ensemble(hamiltonian), imaginary=problem.imaginary, solver=self.solver,
            cutoff=self.cutoff, signal_to_noise=self.signal_to_noise, chunk=self.chunk,
        )  # fmt: skip
        run = approximation.variational.time_dependent.evolve(
            key, method, problem.start, problem.times, observables,  # pyright: ignore[reportArgumentType]
            checkpoint=checkpoint and checkpoint / "evolution.safetensors", progress=progress,
        )  # fmt: skip
        finite, scale = not run.status.startswith("diverged"), scale_of(key, hamiltonian, run)
        return Result(
            "evolution",
            estimates=ends(run, exact, scale),
            checks=self.laws(run, exact, observables, scale, imaginary=problem.imaginary),
            arrays=rows(run, exact),
            models={"state": run.psi},
            settings={"hamiltonian": str(hamiltonian.operator), "start": name_of(problem.start),  # pyright: ignore
                      "imaginary": problem.imaginary, "solver": self.solver, "samples": self.samples},
            seconds=time.perf_counter() - begun,
            status="done" if finite else run.status,
            notes=[] if finite else [run.status],
        )  # fmt: skip

    def operators(self, problem: "InitialValueProblem") -> "dict[str, Hamiltonian]":
        """Observables on the space of H."""
        return observable_operators(self.observables, problem.hamiltonian.space, TAKEN)

    def ensemble(self, hamiltonian: "Hamiltonian") -> "AbstractBornAverage":
        """All states, one of each orbit, or chains."""
        found, space = approximation.variational.ensemble, hamiltonian.space
        if self.samples:
            born = approximation.variational.born_sampling
            move = approximation.variational.markov_chain.move_for(hamiltonian)
            sampler = born.MarkovChains(move, self.samples, min(self.samples, MOST_CHAINS))
            return found.ChainAverage(space=space, sampler=sampler, warm_up=20, chunk=self.chunk)
        return found.full_summation(space) if self.symmetry is None else found.orbits(space, self.symmetry)

    def exact_values(self, problem: "InitialValueProblem", observables: "dict[str, Hamiltonian]"):
        """Name -> exact values at the times."""
        space = problem.hamiltonian.space
        if self.exact is not None:
            for name, values in self.exact.items():
                if name not in observables or np.shape(values) != problem.times.shape:
                    wanted = f"{len(problem.times)} values of an observable among {', '.join(observables)}"
                    raise InputError(wanted, f"{name}: {np.shape(values)}", "give one for each of the times")
            return {name: np.asarray(values) for name, values in self.exact.items()}
        small = bool(observables) and space.bits <= 62 and space.size <= SMALL
        return whole_motion(problem, observables) if small else {}

    def laws(
        self, run: "Evolved", exact: dict[str, np.ndarray], observables: "dict[str, Hamiltonian]", scale: float, *,
        imaginary: bool,
    ) -> list[Check]:  # fmt: skip
        """Observables follow the exact values; the energy is conserved or, in imaginary time, never rises.

        Where the exact values of an observable are not known, the state itself must be near the exact one.
        """
        energy = np.asarray(run.motion.energy)
        held = [checks.follows(f"the {name}", run.observables[name], values, self.accuracy, self.exact_source)
                for name, values in exact.items()]  # fmt: skip
        if not exact or set(observables) - set(exact):
            bound = np.full(1, np.inf) if imaginary else run.distance_bound
            held.append(checks.dynamics.stays_near(bound, self.accuracy))
        law = checks.dynamics.energy_never_rises if imaginary else checks.energy_is_conserved
        return [*held, law(energy, scale, self.drift)]


def scale_of(key: Any, hamiltonian: "Hamiltonian", run: "Evolved") -> float:
    """|E(0) - E_∞| or the width of the spectrum, the larger: no constant in H changes it."""
    import jax

    mean, _, width = systems.quantum.infinite_temperature.infinite_temperature(jax.random.fold_in(key, 2), hamiltonian)
    return max(abs(float(run.motion.energy[0]) - mean), width)


def whole_motion(problem: "InitialValueProblem", observables: "dict[str, Hamiltonian]") -> dict[str, np.ndarray]:
    """The same initial state as a vector of all amplitudes, evolved to 1e-10."""
    import jax
    import jax.numpy as jnp

    matrix, space = approximation.exact.exact_diagonalization.MatrixFree, problem.hamiltonian.space
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    log_psi = jax.vmap(problem.start.log_psi)(space.variables(n, float)).astype(complex)  # pyright: ignore
    psi = jnp.exp(log_psi - log_psi.real.max().astype(complex))
    products = tuple(matrix(A) for A in observables.values())
    found = approximation.exact.time_evolution.evolve(
        matrix(problem.hamiltonian), psi, jnp.asarray(problem.times), products, imaginary=problem.imaginary
    )
    return dict(zip(observables, np.real(np.asarray(found.observables)).T, strict=True))


def ends(run: "Evolved", exact: dict[str, np.ndarray], scale: float) -> dict[str, Estimate]:
    """Each observable at the last time, and its largest deviation over all times."""
    energy = np.asarray(run.motion.energy)
    last = {name: Estimate(float(v[-1]), float(run.errors[name][-1])) for name, v in run.observables.items()}
    off = {f"largest_error_of_the_{name}": Estimate(float(np.abs(run.observables[name] - values).max()))
           for name, values in exact.items()}  # fmt: skip
    return last | off | {
        "energy": Estimate(float(energy[-1])),
        "energy_drift": Estimate(float(np.abs(energy - energy[0]).max() / scale)),
        "largest_residual": Estimate(float(np.asarray(run.motion.residual).max())),
    }  # fmt: skip


def rows(run: "Evolved", exact: dict[str, np.ndarray]):
    """Observables, energy, residual and the bound of the distance at each time."""
    import xarray as xr

    found = {"energy": run.motion.energy, "residual": run.motion.residual, "distance_bound": run.distance_bound}
    found |= {f"{name}_error": values for name, values in run.errors.items()}
    found |= dict(run.observables) | {f"exact_{name}": values for name, values in exact.items()}
    arrays = {name: ("time", np.asarray(values)) for name, values in found.items()}
    return xr.Dataset(arrays, coords={"time": run.times})
