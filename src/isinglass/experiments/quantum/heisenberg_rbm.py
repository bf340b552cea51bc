# SPDX-License-Identifier: Apache-2.0
"""The Heisenberg antiferromagnet by restricted Boltzmann machines with the lattice's symmetry: error against width."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from isinglass.approximation.variational.born_sampling import OrbitSummation
from isinglass.exact.quantum import heisenberg as bethe_ansatz
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.lattice_symmetry import space_group
from isinglass.tasks.cases import Case, join, solve
from isinglass.verbs import approximate

__all__ = ["HeisenbergRBM"]

SMALL = 1 << 16  # states that are summed over
LARGE = {(6, 6): -0.678872 * 36, (10, 10): -0.671549 * 100}  # Monte Carlo, Sandvik 1997, doi:10.1103/PhysRevB.56.11678


@dataclass(frozen=True)
class HeisenbergRBM(AbstractExperiment):
    """Rings against the Bethe ansatz, square lattices against Lanczos, for several widths alpha = filters.

    Marshall's signs are found and rotated away; the machines have translations, rotations and reflections.  Small
    lattices are measured by a sum over all orbits, without noise.
    """

    name: ClassVar[str] = "heisenberg-rbm"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "antiferromagnets by symmetric Boltzmann machines, error against width"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Carleo and Troyer 2017, arXiv:1606.02318"
    claim: ClassVar[str] = "relative error at most 1e-4 on the ring of 16 and 1e-5 on 4 x 4, falling with the width"
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"chains": (8,), "side": 0, "widths": (2,), "steps": 120, "samples": 256, "chain_tolerance": 1e-3},
        "laptop": {},
        "paper": {"chains": (40, 80), "side": 10, "widths": (1, 2, 4, 8, 16, 32), "steps": 3000, "samples": 8192,
                  "chain_tolerance": 1e-3, "square_tolerance": 1e-3},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"side": 0, "shift": 0}

    chains: tuple[int, ...] = (16,)
    """Lengths of the rings."""
    side: int = 4
    """Side of the square lattice: 4, 6 or 10; 0: none."""
    widths: tuple[int, ...] = (1, 2, 4, 8)
    """Filters: hidden units per spin."""
    steps: int = 600
    """Steps of stochastic reconfiguration."""
    samples: int = 1024
    """Samples per step, each from a chain of its own."""
    rate: float = 0.06
    """Initial step of imaginary time, on the ring; on the square lattice half as long. It falls as a cosine."""
    shift: float = 1e-2
    """λ of stochastic reconfiguration; with 1e-3 half of the runs of the widest network on 4 x 4 diverge."""
    chain_tolerance: float = 1e-4
    """Allowed relative error of the widest network on a ring."""
    square_tolerance: float = 1e-5
    """Allowed relative error of the widest network on the square lattice."""

    def cases(self) -> dict[str, Case]:
        """Every lattice at every width; the narrow networks may err ten times as much for each width left out."""
        shapes = [(N,) for N in self.chains] + ([(self.side,) * 2] if self.side else [])
        kind = {1: "ring", 2: "square"}
        return {
            f"{kind[len(shape)]}_{shape[0]}_alpha_{alpha}": self.case(shape, k)
            for shape in shapes
            for k, alpha in enumerate(self.widths)
        }

    def case(self, shape: tuple[int, ...], k: int) -> Case:
        """A lattice at one width, with its exact or published energy."""
        hamiltonian, ring, alpha = heisenberg(hypercubic(shape)), len(shape) == 1, self.widths[k]
        perms = space_group(hypercubic(shape)).sites
        known, side = {}, (shape[0], shape[-1])
        if ring:
            known = {"exact": bethe_ansatz.ground_energy(shape[0]), "exact_source": "Bethe ansatz"}
        elif side in LARGE:
            known = {"exact": LARGE[side], "exact_source": "quantum Monte Carlo"}
        tolerance = self.chain_tolerance if ring else self.square_tolerance
        return Case(hamiltonian, {
            "ansatz": lambda key: SymmetricRBM(key=key, perms=perms, alpha=alpha), "steps": self.steps,
            "samples": self.samples, "rate": self.rate if ring else self.rate / 2, "shift": self.shift,
            "chunk": 1024,
            "measured_by": OrbitSummation(hamiltonian.space, perms) if hamiltonian.space.size <= SMALL else None,
            "accuracy": tolerance * 10.0 ** (len(self.widths) - 1 - k), "lanczos_step": False, **known,
        })  # fmt: skip

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        results = solve(approximate, key, self.cases(), progress=progress, checkpoint=checkpoint)
        return join(self.name, results, settings=asdict(self), figures=["ground_states"])
