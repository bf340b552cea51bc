# SPDX-License-Identifier: Apache-2.0
"""The Heisenberg antiferromagnet by restricted Boltzmann machines with the lattice's symmetry: error against width."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import optax

from isinglass.approximation.variational.born_sampling import MarkovChains, OrbitSummation
from isinglass.approximation.variational.ground_state import exact_energy, without_signs
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo
from isinglass.exact.quantum import heisenberg as bethe_ansatz
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.quantum.ground_state_cases import Case, solve_all
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.lattice_symmetry import space_group

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
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"chains": (8,), "side": 0, "widths": (2,), "steps": 120, "samples": 256, "chain_tolerance": 1e-3},
        "laptop": {},
        "paper": {"chains": (40, 80), "side": 10, "widths": (1, 2, 4, 8, 16, 32), "steps": 3000, "samples": 8192,
                  "chain_tolerance": 1e-3, "square_tolerance": 1e-3},
    }  # fmt: skip

    chains: tuple[int, ...] = (16,)
    """Rings."""
    side: int = 4
    """Of the square lattice: 4, 6 or 10; 0: none."""
    widths: tuple[int, ...] = (1, 2, 4, 8)
    """Filters: hidden units to a spin."""
    steps: int = 600
    """Steps of stochastic reconfiguration."""
    samples: int = 1024
    """Samples in a step, each from a chain of its own."""
    rate: float = 0.06
    """Step of imaginary time at first, on the ring; on the square lattice half as long. It falls as a cosine."""
    chain_tolerance: float = 1e-4
    """Allowed relative error of the widest machine on a ring."""
    square_tolerance: float = 1e-5
    """Allowed relative error of the widest machine on the square lattice."""

    def cases(self, key: Any) -> list[Case]:
        """Every lattice at every width; the narrow machines may err ten times as much for each width left out."""
        shapes = [(N,) for N in self.chains] + ([(self.side,) * 2] if self.side else [])
        return [self.case(key, shape, k) for shape in shapes for k in range(len(self.widths))]

    def case(self, key: Any, shape: tuple[int, ...], k: int) -> Case:
        """One lattice, one width."""
        graph, alpha = hypercubic(shape), self.widths[k]
        hamiltonian, _ = without_signs(heisenberg(graph))
        ring = len(shape) == 1
        if ring:
            exact, source = bethe_ansatz.ground_energy(shape[0]), "Bethe ansatz"
        else:
            known = LARGE.get((shape[0], shape[-1])) or exact_energy(key, hamiltonian)
            if known is None:
                raise ValueError(f"Expected a square lattice of side 4, 6 or 10, found {shape}; choose one of them.")
            exact, source = known, "quantum Monte Carlo" if shape in LARGE else "Lanczos"
        perms = space_group(graph).sites
        rate = optax.cosine_decay_schedule(self.rate if ring else self.rate / 2, self.steps)
        sampler = MarkovChains(move_for(hamiltonian), self.samples, self.samples)
        method = VariationalMonteCarlo(hamiltonian, sampler, StochasticReconfiguration(rate), chunk=1024)
        seen = OrbitSummation(hamiltonian.space, perms) if hamiltonian.space.size <= SMALL else None
        tolerance = (self.chain_tolerance if ring else self.square_tolerance) * 10.0 ** (len(self.widths) - 1 - k)
        label = f"{'ring' if ring else 'square'}_{shape[0]}_alpha_{alpha}"
        machine = lambda key: SymmetricRBM(key=key, perms=perms, alpha=alpha)  # noqa: E731
        return Case(label, method, machine, self.steps, exact, source, tolerance, seen)

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One case after the other."""
        return solve_all(key, self.name, self.cases(key), asdict(self), progress, checkpoint)
