# SPDX-License-Identifier: Apache-2.0
"""The frustrated J1-J2 antiferromagnet: no sign rule helps, so the network must learn the signs."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import optax

from isinglass.approximation.variational.born_sampling import MarkovChains, OrbitSummation
from isinglass.approximation.variational.ground_state import exact_energy
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.approximation.variational.marshall import rotated, sign_rule
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.quantum.ground_state_cases import Case, solve_all
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.lattice_symmetry import point_group, space_group, translations

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
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"couplings": (0.5,), "alpha": 2, "steps": 60, "tolerance": 3e-2},
        "laptop": {},
        "paper": {"side": 6, "couplings": (0.5,), "alpha": 8, "steps": 4000, "samples": 8192, "tolerance": 5e-3},
    }

    side: int = 4
    """Of the square lattice."""
    couplings: tuple[float, ...] = (0.0, 0.4, 0.5)
    """J2 / J1."""
    alpha: int = 6
    """Filters of the machine."""
    scale: float = 0.1
    """Of the weights at first; much smaller ones take longer to find the signs."""
    steps: int = 200
    """Steps of stochastic reconfiguration."""
    samples: int = 1024
    """Samples in a step, where they are drawn."""
    rate: float = 0.05
    """Step of imaginary time at first; it falls to zero as a cosine."""
    shift: float = 1e-4
    """Added to the diagonal of the matrix S."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""

    def case(self, key: Any, J2: float) -> Case:
        """One coupling."""
        graph = hypercubic((self.side, self.side))
        hamiltonian = j1_j2(graph, J2)
        known = exact_energy(key, hamiltonian) if self.side == 4 else SIX.get(J2)
        if known is None:
            raise ValueError(f"Expected side 4, or side 6 and J2 = 0.5, found {self.side} and {J2}; choose these.")
        rule = sign_rule(heisenberg(graph))
        turned = hamiltonian if rule is None else rotated(hamiltonian, rule)
        if self.side == 4:
            sampler = OrbitSummation(turned.space, space_group(graph).sites)
        else:
            sampler = MarkovChains(move_for(turned), self.samples, self.samples)
        rate = optax.cosine_decay_schedule(self.rate, self.steps)
        method = VariationalMonteCarlo(turned, sampler, StochasticReconfiguration(rate, self.shift), chunk=256)
        moves, turns = translations(graph).sites, point_group(graph).sites

        def machine(key: Any) -> CharacterProjection:
            inner = SymmetricRBM(key=key, perms=moves, alpha=self.alpha, dtype="complex128", scale=self.scale)
            return CharacterProjection(inner, np.asarray(turns), parity=1)

        source = "Lanczos" if self.side == 4 else "Lanczos, Schulz et al. 1996"
        return Case(f"square_{self.side}_J2_{J2:g}", method, machine, self.steps, known, source, self.tolerance)

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One coupling after the other."""
        cases = [self.case(key, J2) for J2 in self.couplings]
        return solve_all(key, self.name, cases, asdict(self), progress, checkpoint)
