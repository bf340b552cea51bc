# SPDX-License-Identifier: Apache-2.0
"""The Hubbard model by determinants: alone, with a Jastrow factor, and with neural backflow."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Float

from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.exact.quantum.hartree_fock import hartree_fock
from isinglass.exact.quantum.hubbard import free_energy_of_hopping
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.product_state import ProductState
from isinglass.nets.wavefunction.slater import SlaterDeterminant, filled
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import Graph, hypercubic, ladder
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.tasks.cases import Case, join, labelled, solve
from isinglass.verbs import approximate

__all__ = ["KINDS", "Hubbard", "falls", "hopping_of"]

KINDS = ("determinant", "jastrow", "backflow")  # each contains the one before
NAMED = ("the determinant", "the Jastrow factor", "backflow")


@dataclass(frozen=True)
class Hubbard(AbstractExperiment):
    """A half-filled ring and ladder, t = 1: determinant alone, times a Jastrow factor, the same with backflow.

    The determinant begins as that of Hartree-Fock and ends there; the others begin from free electrons in a weak
    random field.  Electrons without repulsion are a determinant: exact, without variance.
    """

    name: ClassVar[str] = "hubbard"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "electrons that repel: determinant, Jastrow factor, neural backflow"
    rows: ClassVar[tuple[int, ...]] = (43, 60)
    paper: ClassVar[str] = "Luo and Clark 2019, arXiv:1807.10770"
    claim: ClassVar[str] = (
        "backflow within 1e-2 of the exact energy up to U = 4, 2e-2 at U = 8; below Jastrow, below Hartree-Fock"
    )
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"repulsions": (4.0,), "ladder": 0, "steps": 100, "samples": 256, "hidden": 4, "tolerance": 2e-2},
        "laptop": {},
        "paper": {"ring": 10, "ladder": 4, "steps": 3000, "samples": 8192, "hidden": 64, "tolerance": 3e-3},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"ladder": 0, "repulsions": 0}

    ring: int = 6
    """Sites of the ring, 4 n + 2, so that the free electrons fill closed shells."""
    repulsions: tuple[float, ...] = (2.0, 4.0, 8.0)
    """U / t on the ring."""
    ladder: int = 4
    """Rungs of the ladder, at U = 4: 4 n; 0: none."""
    hidden: int = 8
    """Hidden units of the backflow."""
    steps: int = 200
    """Steps of stochastic reconfiguration."""
    samples: int = 512
    """Samples per step, each from a chain of its own."""
    rate: float = 0.05
    """Step of imaginary time; 4 / U of it where U > 4."""
    tolerance: float = 1e-2
    """Allowed relative error with backflow; U / 4 times as much where U > 4."""

    def lattices(self) -> list[tuple[str, Graph, float]]:
        """Label, graph and U of ring and ladder."""
        rings = [(f"ring_U_{U:g}", hypercubic((self.ring,)), U) for U in self.repulsions]
        return rings + ([("ladder_U_4", ladder(self.ladder), 4.0)] if self.ladder else [])

    def cases(self) -> dict[str, Case]:
        """Every lattice with every ansatz."""
        return {f"{label}_{kind}": self.case(graph, U, kind) for label, graph, U in self.lattices() for kind in KINDS}

    def case(self, graph: Graph, U: float, kind: str) -> Case:
        """A lattice with one ansatz, compared with exact diagonalization."""
        N = graph.n_sites
        accuracy = self.tolerance * max(1.0, U / 4) if kind == "backflow" else 1.0  # of the others none is claimed
        return Case(hubbard(graph, U, (N // 2, N // 2)), {
            "ansatz": lambda key: self.state(key, graph, U, kind), "steps": self.steps, "samples": self.samples,
            "optimizer": StochasticReconfiguration(self.rate * min(1.0, 4.0 / U)), "signs": "none",
            "lanczos_step": False, "accuracy": accuracy,
        })  # fmt: skip

    def state(self, key: Any, graph: Graph, U: float, kind: str) -> ProductState:
        """The determinant of Hartree-Fock, or that of free electrons in a weak random field with what is added."""
        N, T = graph.n_sites, hopping_of(graph)
        particles, hidden = (N // 2, N // 2), self.hidden if kind == "backflow" else 0
        weak = 0.1 * np.diag(np.asarray(jax.random.normal(key, (N,))))  # else symmetry makes amplitudes vanish
        fields = hartree_fock(T, U, particles).fields if kind == "determinant" else T + weak
        det = SlaterDeterminant(key=key, n_sites=N, particles=particles, hidden=hidden, scale=0.05)
        correlated = (Jastrow(key=key, n_sites=2 * N),) if kind != "determinant" else ()
        return ProductState((filled(det, fields), *correlated))

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One case after the other; the order of the three; Hartree-Fock; the free electrons."""
        results = solve(approximate, key, self.cases(), progress=progress, checkpoint=checkpoint)
        result = join(self.name, results, settings=asdict(self), figures=["ground_states"])
        for label, graph, U in self.lattices():
            N = graph.n_sites
            energies = [result.estimates[f"ground_state_energy/{label}_{kind}"] for kind in KINDS]
            mean_field = hartree_fock(hopping_of(graph), U, (N // 2, N // 2)).energy
            (hartree,), order = (
                labelled([is_hartree_fock(energies[0], mean_field)], label),
                labelled(falls(energies), label),
            )
            result.checks += [replace(hartree, of=f"ground_state_energy/{label}_{KINDS[0]}"), *order]
        result.checks += free_electrons(key, hypercubic((self.ring,)), self.samples)
        return result


def hopping_of(graph: Graph) -> Float[np.ndarray, "N N"]:
    """-t for each bond, t = 1: what one species of the Hubbard model does alone."""
    T = np.zeros((graph.n_sites, graph.n_sites))
    for i, j in graph.bonds:
        T[i, j] = T[j, i] = -1.0
    return T


def is_hartree_fock(energy: Estimate, exact: float) -> Check:
    """The energy of the best determinant, within 4 errors and 1 % for the noise of its optimization."""
    slack = 4 * (energy.error or 0.0) + 1e-2 * abs(exact)
    law = "a determinant alone has the energy of Hartree-Fock"
    return Check.within(law, energy.value, exact, slack, error=energy.error, source="self-consistent fields")


def falls(energies: Sequence[Estimate]) -> list[Check]:
    """Each energy below the one before, by more than 2 standard errors of the difference."""
    laws = [f"{b} lowers the energy of {a}" for a, b in pairwise(NAMED)]
    differences = [(b.value - a.value, hypot(a.error or 0.0, b.error or 0.0)) for a, b in pairwise(energies)]
    return [
        Check.at_most(law, change, -2 * error, error=error, source="a richer state").resolved()
        for law, (change, error) in zip(laws, differences, strict=True)
    ]


def free_electrons(key: Any, graph: Graph, samples: int) -> list[Check]:
    """U = 0: the determinant of the lowest orbitals, energy and variance to 1e-9, sampled but not trained."""
    N, T = graph.n_sites, hopping_of(graph)
    particles = (N // 2, N // 2)
    psi = filled(SlaterDeterminant(key=key, n_sites=N, particles=particles, hidden=0), T)
    exact = sum(free_energy_of_hopping(T, p) for p in particles)
    found = approximate(
        key, hubbard(graph, 0.0, particles), ansatz=psi, steps=0, samples=samples, signs="none", exact=exact,
        lanczos_step=False, progress=False,
    ).estimates  # fmt: skip
    return [
        Check.within("E_0 of free electrons (U = 0)", found["ground_state_energy"].value, exact, 1e-9,
                     source="sum of levels"),
        Check.within("no variance (U = 0)", found["energy_variance"].value, 0.0, 1e-9, source="an eigenstate"),
    ]  # fmt: skip
