# SPDX-License-Identifier: Apache-2.0
"""Approximate the lowest levels of a Hamiltonian to rounding, by Lanczos: ansatz `exact`."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import approximation, systems
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.approximate_ground_state import HamiltonianFile, Lattice, Numbers
from isinglass.tasks.outcome.correlation import correlation_figures, level_correlations
from isinglass.tasks.setting.ansatz import Ansatz, ansatz_words
from isinglass.tasks.setting.observable import Observables, ObservableTexts, observable_operators
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.approximation.exact.lanczos import Spectrum
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["ApproximateLevels"]

MOST_LEVELS = 64
TAKEN = ("ground_state_energy", "energy_gap", "energy", "residual", "level")


@dataclass(frozen=True)
class ApproximateLevels(AbstractTask):
    """The lowest levels in the space or sector of H, or in the block of its quantum numbers.

    Law: |Hψ - Eψ| bounds the distance of E to a level.
    Errors: InputError for no or too many levels, or a space that does not fit into memory, with what it would need.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.systems.quantum.hamiltonian:Hamiltonian", "isinglass.data.hamiltonian:QuantumProblem",
    )  # fmt: skip
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "a Hamiltonian"
    command: ClassVar[str] = "ground-state"
    source: ClassVar[type] = HamiltonianFile

    ansatz: Ansatz = setting("exact", choices=ansatz_words)
    """exact; another one is a neural state."""
    lattice: Lattice = setting(None)
    """Sides of the torus that the sites fill in C order, for correlations by distance; by default a ring."""
    numbers: Numbers = setting(None)
    """Quantum numbers: the levels of their block."""
    states: int = 1
    """How many levels."""
    observables: Observables = setting((), shown=ObservableTexts, called="observable")
    """NAME=TERMS, such as zz='Z(0) Z(1)', in the lowest level; repeat the flag for more.  In Python {name: operator or
    terms}."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the ansatz is `exact`."""
        ansatz = settings.get("ansatz")
        return isinstance(ansatz, str) and ansatz == "exact"

    def run(
        self, key: Any, problem: "Hamiltonian", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Lanczos; `checkpoint` is not used."""
        begun = time.perf_counter()
        size, operators = problem.space.size, observable_operators(self.observables, problem.space, TAKEN)
        fits(problem.space, self.states, 1 if self.numbers is None else len(self.numbers.whole()[0]))
        most = min(size, MOST_LEVELS)
        if not 1 <= self.states <= most:
            raise InputError(f"1 to {most} levels of {size} states", str(self.states), "change states")
        product = approximation.variational.ground_state.product(problem, self.numbers)
        spectrum = approximation.exact.lanczos.lowest(key, product, self.states, progress=progress)
        estimates, arrays = levels(spectrum)
        pairs = level_correlations(problem, spectrum.states[0], self.numbers, self.lattice)
        values, notes = self.expectations(operators, spectrum)
        residual = float((spectrum.residuals / np.maximum(np.abs(spectrum.energies), 1)).max())
        return Result(
            "ground-state",
            estimates=estimates | values,
            checks=[Check.at_most("residual |Hψ - Eψ| / |E| of the levels", residual, 0.0, tolerance=1e-8)],
            arrays=arrays.merge(pairs),
            settings={"hamiltonian": str(problem.operator), "ansatz": "exact", "states": self.states},
            seconds=time.perf_counter() - begun,
            status=spectrum.status,
            notes=notes,
            figures=correlation_figures(pairs),
        )

    def expectations(
        self, operators: "dict[str, Hamiltonian]", found: "Spectrum"
    ) -> tuple[dict[str, Estimate], list[str]]:
        """<A> in the lowest level, of A averaged over the group where there are quantum numbers; a note where another
        level has the same energy.

        Its error is unknown: |Hψ - Eψ| bounds that of E alone.
        """
        values = {}
        for name, A in operators.items():
            if self.numbers is not None:
                mean = systems.quantum.lattice_symmetry.averaged(A.operator, self.numbers.whole()[0])
                A = systems.quantum.hamiltonian.Hamiltonian(mean, A.space)  # noqa: PLW2901
            product = approximation.variational.ground_state.product(A, self.numbers)
            values[name] = Estimate(approximation.exact.observable.expectation(product, found.states[0]))
        E = found.energies
        same = operators and len(E) > 1 and E[1] - E[0] <= max(found.residuals[:2].sum(), 1e-9 * abs(E[0]))
        return values, ["the lowest level is degenerate: observables are those of one of its states"] if same else []


def fits(space: "HilbertSpace", states: int, elements: int) -> None:
    """Errors: InputError where the codes of all states and the vectors of Lanczos do not fit into memory."""
    basis = approximation.exact.lanczos.basis_size(states)
    need = space.size * (24 + 16 * basis / elements) / 2**30
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if need > have:
        raise InputError(
            f"a space that fits into {have:.3g} GiB for exact diagonalization",
            f"{space.size:,} states, {need:.3g} GiB",
            "use fewer sites, a sector, quantum numbers, or a neural state",
        )  # fmt: skip


def levels(found: "Spectrum") -> "tuple[dict[str, Estimate], xr.Dataset]":
    """The lowest energy and the gap above it, each with the bound |Hψ - Eψ| as its error; all levels as an array."""
    import xarray as xr

    E, residual = found.energies, found.residuals
    estimates = {"ground_state_energy": Estimate(float(E[0]), float(residual[0]))}
    if len(E) > 1:
        estimates["energy_gap"] = Estimate(float(E[1] - E[0]), float(residual[:2].sum()))
    arrays = {"energy": ("level", E), "residual": ("level", residual)}
    return estimates, xr.Dataset(arrays, coords={"level": np.arange(len(E))})
