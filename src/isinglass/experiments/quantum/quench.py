# SPDX-License-Identifier: Apache-2.0
"""Quenches of the transverse-field Ising ring by time-dependent variational Monte Carlo, against free fermions."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np

from isinglass.errors import InputError
from isinglass.exact.quantum import free_fermion_chain
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.product_state import ProductState
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.report.label import readable
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.initial_value_problem import InitialValueProblem
from isinglass.systems.quantum.lattice_symmetry import space_group
from isinglass.systems.quantum.operator import Operator, X
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.cases import join, labelled
from isinglass.verbs import approximate

__all__ = ["Quench", "exact_magnetization"]

NEAR = "the state is near the exact one"  # a bound on all of the way


@dataclass(frozen=True)
class Quench(AbstractExperiment):
    """Ground states of one field, found in imaginary time, evolve under another field in real time.

    One equation of motion for both; all states of the ring are summed.  The amplitude is a sum, over the symmetries of
    the ring, of Jastrow times restricted Boltzmann machine: some amplitudes pass close by zero on their way, where a
    sum goes smoothly, while a product, such as a machine with shared filters, has to bring a pole of one tanh there.
    """

    name: ClassVar[str] = "quench"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "a neural state in real time after a quench, against free fermions"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Carleo et al. 2012, doi:10.1038/srep00243; Carleo and Troyer 2017, arXiv:1606.02318"
    claim: ClassVar[str] = "magnetization within 1e-2 of the exact one at all times, energy conserved to 1e-3"
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 6, "before": (2.0,), "after": (1.0,), "time": 1.0, "dt": 0.04, "preparation": 2.0},
        "laptop": {},
        "paper": {
            "n_sites": 40,
            "samples": 16384,
            "chunk": 512,
            "hidden": 4,
            "dt": 0.005,
            "signal_to_noise": 2.0,
            "cutoff": 1e-6,
        },
    }
    least: ClassVar[dict[str, float]] = {
        **dict.fromkeys(("hidden", "samples", "chunk", "cutoff", "signal_to_noise", "before", "after"), 0)
    }

    n_sites: int = 12
    """Spins on the ring."""
    before: tuple[float, ...] = (2.0, 2.0, 2.0, 0.5)
    """Fields before the quench, whose ground states are the starts."""
    after: tuple[float, ...] = (1.25, 1.0, 0.5, 1.0)
    """Fields after the quench, one for each start."""
    time: float = 2.0
    """End of the evolution, in units of 1 / J."""
    dt: float = 0.02
    """Time step, of Runge-Kutta."""
    preparation: float = 5.0
    """Length of the preparation in imaginary time."""
    hidden: int = 1
    """Hidden units, beside one parameter for each pair of spins; 0: none."""
    samples: int = 0
    """Samples of Markov chains; 0: the sum over all states, up to about 20 spins."""
    chunk: int = 0
    """Samples of Markov chains whose derivatives and energies are taken at a time; 0: all."""
    cutoff: float = 1e-7
    """Eigenvalues of S that are left out, as a fraction of the largest."""
    signal_to_noise: float = 0.0
    """Directions whose force is below this many standard errors are left out; for Markov chains; 0: none."""
    tolerance: float = 1e-2
    """Allowed error of the magnetization."""
    drift: float = 1e-3
    """Allowed relative drift of the energy."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        if len(self.before) != len(self.after):
            found = f"{len(self.before)} and {len(self.after)}"
            raise InputError("as many fields before as after", found, "give one of each for every quench")
        key_net, key_prepare, key_move = jax.random.split(key, 3)
        psi, starts, motions = self.state(key_net), {}, {}
        for h in dict.fromkeys(self.before):
            prepared = self.problem(h, psi, grid(self.preparation, 0.025), imaginary=True)
            starts[h] = self.moved(key_prepare, f"start_{h:g}", prepared, progress, checkpoint, solver="heun",
                                   cutoff=1e-6)  # fmt: skip
        for h, after in zip(self.before, self.after, strict=True):
            label, quench = f"h_{h:g}_to_{after:g}", self.problem(after, starts[h].models["state"], self.times)
            exact = {"magnetization": exact_magnetization(self.n_sites, h, after, self.times)}
            motions[label] = self.moved(
                key_move, label, quench, progress, checkpoint, cutoff=self.cutoff, exact=exact,
                exact_source="free fermions", observables={"magnetization": self.magnetization},
            )  # fmt: skip
        result = join(self.name, motions, settings=asdict(self), figures=["quench"])
        result.models = {f"start_{h:g}": start.models["state"] for h, start in starts.items()}
        result.notes = [f"start at h = {h:g}: {n}" for h, start in starts.items() for n in start.notes] + result.notes
        for h, start in starts.items():
            excess = 1 - start.estimates["energy"].value / exact_energy(self.n_sites, h)
            result.estimates[f"relative_error_of_the_start/h_{h:g}"] = Estimate(excess)
            shown = [check for check in start.checks if not check.law.startswith(NEAR)]  # here the end is known
            shown.append(Check.at_most("relative error of the energy", abs(excess), self.drift, source="free fermions"))
            result.checks += labelled(shown, f"start at h = {h:g}", estimates=False)
        return result

    @property
    def times(self) -> np.ndarray:
        """Times of the evolution, from 0 to `time` in steps of at most `dt`."""
        return grid(self.time, self.dt)

    @property
    def magnetization(self) -> Operator:
        """Σ_i X_i / N."""
        return sum((X(i) for i in range(self.n_sites)), Operator({})) / self.n_sites

    def problem(self, h: float, start: Any, times: np.ndarray, *, imaginary: bool = False) -> InitialValueProblem:
        """An initial state and the Hamiltonian of the ring in the field h."""
        ring = transverse_field_ising(hypercubic((self.n_sites,)), h)
        return InitialValueProblem(ring, start, times, imaginary=imaginary)

    def moved(
        self, key: Any, label: str, problem: InitialValueProblem, progress: ProgressCallable,
        checkpoint: Path | None, **settings: Any,
    ) -> Result:  # fmt: skip
        """The evolved state: summed over one state of each orbit, or sampled by chains."""
        perms = space_group(hypercubic((self.n_sites,))).sites
        return approximate(
            key, problem, samples=self.samples, symmetry=perms, chunk=self.chunk or None, accuracy=self.tolerance,
            drift=self.drift, signal_to_noise=self.signal_to_noise, checkpoint=checkpoint and checkpoint / label,
            progress=lambda done, total, _: progress(done, total, readable(label)), **settings,
        )  # fmt: skip

    def state(self, key: Any) -> CharacterProjection:
        """ψ(x) = Σ_g φ(g x) + φ(-g x) over translations and reflections g, φ a Jastrow factor times hidden units."""
        keys = jax.random.split(key)
        settings: dict[str, Any] = {"n_sites": self.n_sites, "dtype": "complex128", "scale": 0.1}
        factors = Jastrow(key=keys[0], **settings), RBM(key=keys[1], alpha=self.hidden / self.n_sites, **settings)
        return CharacterProjection(ProductState(factors), space_group(hypercubic((self.n_sites,))).sites, parity=1)


def grid(end: float, step: float) -> np.ndarray:
    """Times from 0 to `end`, in equal steps of at most `step`."""
    return np.linspace(0, end, int(np.ceil(end / step - 1e-9)) + 1)


def exact_magnetization(n_sites: int, before: float, after: float, times: np.ndarray) -> np.ndarray:
    """<X>(t) by free fermions."""
    gamma = free_fermion_chain.ground_state(free_fermion_chain.couplings(n_sites, before))
    A = free_fermion_chain.couplings(n_sites, after)
    return np.array([
        free_fermion_chain.transverse_magnetization(free_fermion_chain.evolved(A, gamma, float(t))) for t in times
    ])  # fmt: skip


def exact_energy(n_sites: int, h: float) -> float:
    """The ground state's energy, by free fermions."""
    A = free_fermion_chain.couplings(n_sites, h)
    return free_fermion_chain.energy(A, free_fermion_chain.ground_state(A))
