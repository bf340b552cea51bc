# SPDX-License-Identifier: Apache-2.0
"""The frustrated J1-J2 antiferromagnet: no sign rule helps, so the network must learn the signs."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from isinglass.approximation.variational.born_sampling import OrbitSummation
from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.lattice_symmetry import point_group, space_group, translations
from isinglass.tasks.cases import Case, join, solve
from isinglass.verbs import approximate

__all__ = ["J1J2"]

SIX = {0.5: -0.503810 * 36}  # 6 x 6, Schulz, Ziman and Poilblanc 1996, doi:10.1051/jp1:1996236


@dataclass(frozen=True)
class J1J2(AbstractExperiment):
    """Complex machines with translations inside, projected on the trivial character of rotations and spin flip.

    The signs of the unfrustrated lattice are rotated away; what is left of them is learned.  On 4 x 4 the averages are
    sums over one state of each orbit, on larger lattices they are taken over Markov chains.
    """

    name: ClassVar[str] = "j1j2"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "a frustrated antiferromagnet, whose signs a network must learn"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Choo, Neupert and Carleo 2019, arXiv:1903.06713"
    claim: ClassVar[str] = "relative error at most 1e-3 on 4 x 4, at J2 = 0.5 too"
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"couplings": (0.5,), "alpha": 2, "steps": 60, "tolerance": 3e-2},
        "laptop": {},
        "paper": {"side": 6, "couplings": (0.5,), "alpha": 8, "steps": 4000, "samples": 8192, "tolerance": 5e-3},
    }
    least: ClassVar[dict[str, float]] = {"couplings": 0, "shift": 0}

    side: int = 4
    """Side of the square lattice."""
    couplings: tuple[float, ...] = (0.0, 0.4, 0.5)
    """Couplings J2 / J1."""
    alpha: int = 6
    """Filters of the restricted Boltzmann machine."""
    scale: float = 0.1
    """Scale of the initial weights; with much smaller ones the signs take longer."""
    steps: int = 200
    """Steps of stochastic reconfiguration."""
    samples: int = 1024
    """Samples per step, where states are sampled."""
    rate: float = 0.05
    """Initial step of imaginary time; it falls to zero as a cosine."""
    shift: float = 1e-4
    """Added to the diagonal of the matrix S."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""

    def cases(self) -> dict[str, Case]:
        """A case for every coupling J2 / J1."""
        return {f"square_{self.side}_J2_{J2:g}": self.case(J2) for J2 in self.couplings}

    def case(self, J2: float) -> Case:
        """The square lattice at one J2 / J1, with its exact or published energy."""
        graph, known = hypercubic((self.side, self.side)), {}
        hamiltonian = j1_j2(graph, J2)
        if self.side != 4:
            if self.side != 6 or J2 not in SIX:
                raise InputError("side 4, or side 6 and J2 = 0.5", f"{self.side} and {J2}", "choose these")
            known = {"exact": SIX[J2], "exact_source": "Lanczos, Schulz et al. 1996"}
        moves, rotations = translations(graph).sites, point_group(graph).sites

        def machine(key: Any) -> CharacterProjection:
            inner = SymmetricRBM(key=key, perms=moves, alpha=self.alpha, dtype="complex128", scale=self.scale)
            return CharacterProjection(inner, np.asarray(rotations), parity=1)

        return Case(hamiltonian, {
            "ansatz": machine, "signs": heisenberg(graph), "steps": self.steps, "samples": self.samples,
            "sampler": OrbitSummation(hamiltonian.space, space_group(graph).sites) if self.side == 4 else None,
            "rate": self.rate, "shift": self.shift, "chunk": 256, "accuracy": self.tolerance, "lanczos_step": False,
            **known,
        })  # fmt: skip

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        results = solve(approximate, key, self.cases(), progress=progress, checkpoint=checkpoint)
        return join(self.name, results, settings=asdict(self), figures=["ground_states"])
