# SPDX-License-Identifier: Apache-2.0
"""Ground states of the transverse-field Ising model by a restricted Boltzmann machine, across the transition."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.cases import Case, join, solve
from isinglass.verbs import approximate

__all__ = ["TfimGroundState"]


@dataclass(frozen=True)
class TfimGroundState(AbstractExperiment):
    """Chains by size at their critical field h = 1 and across it, and a square lattice at its own, h = 3.04438.

    The energy is compared with free fermions on the chain and against Lanczos on the square lattice.
    """

    name: ClassVar[str] = "tfim-ground-state"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "neural quantum states of the transverse-field Ising model"
    rows: ClassVar[tuple[int, ...]] = (93, 94)
    paper: ClassVar[str] = "Carleo and Troyer 2017, arXiv:1606.02318"
    claim: ClassVar[str] = "relative error of the energy at most 1e-3 across the transition, never below the exact one"
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (8, 12), "fields": (0.5, 1.5), "square": 3, "steps": 150, "samples": 512},
        "laptop": {},
        "paper": {"sizes": (20, 32, 64, 80), "fields": (0.5, 0.8, 1.25, 1.5, 2.0), "square": 4, "steps": 3000,
                  "samples": 8192, "alpha": 4, "tolerance": 1e-4},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"square": 0, "fields": 0, "shift": 0}

    sizes: tuple[int, ...] = (12, 20, 32, 64)
    """Chains, at h = 1."""
    fields: tuple[float, ...] = (0.5, 0.8, 1.25, 1.5)
    """Further fields, for the second chain of `sizes`."""
    square: int = 4
    """Side of the square lattice, at h = 3.04438; 0: none."""
    alpha: float = 1.0
    """Hidden units per spin."""
    steps: int = 400
    """Steps of stochastic reconfiguration."""
    samples: int = 1008
    """Samples per step, each from a chain of its own."""
    rate: float = 0.1
    """Initial step of imaginary time; it falls to zero as a cosine."""
    shift: float = 1e-3
    """Added to the diagonal of the matrix S."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""

    def cases(self) -> dict[str, Case]:
        """A case for each chain and field, and for the square lattice."""
        N = self.sizes[min(1, len(self.sizes) - 1)]
        chains = [(n, 1.0) for n in self.sizes] + [(N, h) for h in self.fields]
        cases = {f"chain_{n}_h_{h:g}": self.case((n,), h) for n, h in chains}
        if self.square:
            cases[f"square_{self.square}_h_3.04438"] = self.case((self.square,) * 2, 3.04438)
        return cases

    def case(self, shape: tuple[int, ...], h: float) -> Case:
        """A Hamiltonian with its exact energy: of free fermions or, where none is given, of Lanczos."""
        hamiltonian = transverse_field_ising(hypercubic(shape), h)
        N = hamiltonian.space.n_sites
        known = {"exact": exact.ground_energy(N, h), "exact_source": "free fermions"} if len(shape) == 1 else {}
        return Case(hamiltonian, {
            "ansatz": lambda key: RBM(key=key, n_sites=N, alpha=self.alpha), "steps": self.steps,
            "samples": self.samples, "rate": self.rate / max(1.0, h), "shift": self.shift,
            "accuracy": self.tolerance, "lanczos_step": False, **known,
        })  # fmt: skip

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        results = solve(approximate, key, self.cases(), progress=progress, checkpoint=checkpoint)
        return join(self.name, results, settings=asdict(self), figures=["ground_states"])
