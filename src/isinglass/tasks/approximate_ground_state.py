# SPDX-License-Identifier: Apache-2.0
"""Approximate the ground state of a Hamiltonian by a neural state; its energy is never below the exact one."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from isinglass import approximation, checks, data
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting

if TYPE_CHECKING:
    from isinglass.approximation.variational.ground_state import GroundStateRecipe
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.quantum_numbers import QuantumNumbers

    Ansatz = str | AbstractQuantumState
    Numbers = QuantumNumbers | None
    Lattice = tuple[int, ...] | None
else:
    Ansatz = Numbers = Lattice = Any

__all__ = ["ApproximateGroundState", "HamiltonianFile", "ansaetze"]


def ansaetze() -> list[str]:
    """The words for ansaetze; `exact` is Lanczos."""
    return [*ANSAETZE, "exact"]


ANSAETZE = ("rbm", "mean-field", "jastrow", "symmetric-rbm", "modulus-phase", "group-convolution", "residual-cnn",
            "vision-transformer", "autoregressive", "autoregressive-gru", "autoregressive-transformer", "slater",
            "slater-backflow", "matrix-product")  # fmt: skip


@dataclass(frozen=True)
class HamiltonianFile:
    """A Hamiltonian of your own, in a TOML file: kind, sites or [lattice], terms, bond, site."""

    file: Path
    """.toml; src/isinglass/data/hamiltonian.py shows its entries."""

    def read(self) -> tuple["Hamiltonian", dict[str, Any], dict[str, Any]]:
        """The Hamiltonian, its lattice and quantum numbers, and its terms, for the record."""
        hamiltonian, graph, numbers = data.read_hamiltonian(self.file)
        lattice = None if graph is None else graph.shape
        return hamiltonian, {"lattice": lattice, "numbers": numbers}, {"hamiltonian": str(hamiltonian.operator)}


@dataclass(frozen=True)
class ApproximateGroundState(AbstractTask):
    """Variational Monte Carlo by stochastic reconfiguration, measured, one Lanczos step, compared with exact values.

    Where the space has at most 2^16 states the exact energy stands beside it.
    Errors: InputError for an ansatz that does not fit the space.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.quantum.hamiltonian:Hamiltonian",)
    what: ClassVar[str] = "a Hamiltonian"
    command: ClassVar[str] = "ground-state"
    source: ClassVar[type] = HamiltonianFile

    ansatz: Ansatz = setting("rbm", choices=ansaetze)
    """The neural state, or exact: diagonalization.  In Python also a state of your own, untrained."""
    lattice: Lattice = setting(None)
    """Sides of the torus that the sites fill in C order, for ansaetze that know it; by default a ring."""
    numbers: Numbers = setting(None)
    """Quantum numbers of the state: the lowest that has them, by projection of the neural state."""
    preset: Preset = "laptop"
    """smoke: a quick look; laptop: a minute; paper: wider, longer."""
    alpha: float | None = None
    """Its width: hidden units to a site, filters, features or bond in units of what is usual."""
    steps: int | None = None
    """Steps of optimization."""
    samples: int | None = None
    """Samples in a step."""
    tolerance: float | None = None
    """Ends the optimization once the energy falls by less, as a share of it, in 50 steps, twice."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Any ansatz but exact diagonalization."""
        return settings.get("ansatz") != "exact"

    def recipe(self) -> "GroundStateRecipe":
        """The preset's, with what is given in its place."""
        given = {name: getattr(self, name) for name in ("steps", "samples", "alpha", "tolerance")}
        recipe = approximation.variational.ground_state.RECIPES[self.preset]
        return recipe._replace(**{name: value for name, value in given.items() if value is not None})

    def run(
        self, key: Any, problem: "Hamiltonian", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Optimize, measure, take a Lanczos step, compare."""
        import jax

        begun, recipe, ground_state = time.perf_counter(), self.recipe(), approximation.variational.ground_state
        key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
        turned, positive, numbers = ground_state.prepared(problem, self.numbers)
        psi = self.ansatz
        if isinstance(psi, str):
            psi = approximation.neural_state(
                key_net, turned, psi, recipe.alpha, positive=positive, lattice=self.lattice
            )
        if numbers is not None:
            psi = ground_state.projected(key_net, psi, turned.space, numbers)
        vmc = ground_state.method_for(turned, psi, recipe.samples, recipe.steps)
        run = approximation.optimize(
            key_train, vmc, psi, recipe.steps, tolerance=recipe.tolerance,
            checkpoint=checkpoint and checkpoint / "ground_state.safetensors", progress=progress,
        )  # fmt: skip
        found = approximation.measure(key_draw, turned, vmc.sampler, run.psi, run.samples)
        step = approximation.variational.lanczos_step.lanczos_step(
            jax.random.fold_in(key_draw, 1), turned, vmc.sampler, psi=run.psi, memory=run.samples,
            center=found.energy.value,
        )  # fmt: skip
        exact = ground_state.exact_energy(key_exact, problem, self.numbers)
        finite = not run.status.startswith("diverged")
        known = {} if exact is None else {"ground_state_energy/exact": Estimate(exact)}
        return Result(
            "ground-state",
            estimates=found.estimates() | ({} if step is None else step.estimates()) | known,
            checks=([] if finite else [Check("optimization stays finite", None, None, None, "fail")])
            + bounds(found, step, exact),
            arrays=ground_state.history(run.history, exact),
            models={"state": run.psi},
            settings={"hamiltonian": str(problem.operator), "ansatz": named(self.ansatz), "preset": self.preset,
                      **recipe._asdict()},
            seconds=time.perf_counter() - begun,
            status="done" if finite else run.status,
            notes=[] if run.status == "step limit" else [run.status],
            figures=["variational_energy"],
        )  # fmt: skip


def bounds(found: Any, step: Any, exact: float | None) -> list[Check]:
    """What holds for every state, where the exact energy is known."""
    if exact is None:
        return []
    held = [checks.variational_principle(found.energy, exact, "Lanczos", of="ground_state_energy"),
            checks.variance_tells(found.energy, found.variance, exact)]  # fmt: skip
    if step is not None:
        of = "ground_state_energy/one_lanczos_step"
        better = checks.variational_principle(step.energy, exact, "Lanczos", of=of)
        held.append(replace(better, law=f"{better.law}, one Lanczos step later"))
    return held


def named(ansatz: "str | AbstractQuantumState") -> str:
    """Its word, or the name of its class."""
    return ansatz if isinstance(ansatz, str) else type(ansatz).__name__
