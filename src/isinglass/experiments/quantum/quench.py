# SPDX-License-Identifier: Apache-2.0
"""Quenches of the transverse-field Ising ring by time-dependent variational Monte Carlo, against free fermions."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.ensemble import AbstractBornAverage, ChainAverage, orbits
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.time_dependent import Evolved, TimeDependent, evolve
from isinglass.checks.dynamics import energy_is_conserved, follows
from isinglass.errors import InputError
from isinglass.exact.quantum import free_fermion_chain
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.character_projection import CharacterProjection
from isinglass.nets.wavefunction.jastrow import Jastrow
from isinglass.nets.wavefunction.product_state import ProductState
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.lattice_symmetry import space_group
from isinglass.systems.quantum.operator import Operator, X
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

__all__ = ["Quench", "claims", "exact_magnetization"]


@dataclass(frozen=True)
class Quench(AbstractExperiment):
    """Ground states of one field, found in imaginary time, move under another field in real time.

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

    n_sites: int = 12
    """Spins on the ring."""
    before: tuple[float, ...] = (2.0, 2.0, 2.0, 0.5)
    """Fields whose ground states are the starts."""
    after: tuple[float, ...] = (1.25, 1.0, 0.5, 1.0)
    """Fields of the motions, one for each start."""
    time: float = 2.0
    """Until when."""
    dt: float = 0.02
    """Step of Runge and Kutta."""
    preparation: float = 5.0
    """Imaginary time."""
    hidden: int = 1
    """Hidden units, beside one parameter for each pair of spins."""
    samples: int = 0
    """Draws of Markov chains; 0: the sum over all states, up to about 20 spins."""
    chunk: int = 0
    """Draws of Markov chains whose derivatives and energies are taken at a time; 0: all."""
    cutoff: float = 1e-7
    """Eigenvalues of S that are left out, as a share of the largest."""
    signal_to_noise: float = 0.0
    """Directions whose force is below so many errors are left out; for Markov chains."""
    tolerance: float = 1e-2
    """Allowed error of the magnetization."""
    drift: float = 1e-3
    """Allowed relative drift of the energy."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Prepare, move, compare."""
        if len(self.before) != len(self.after):
            found = f"{len(self.before)} and {len(self.after)}"
            raise InputError("as many fields before as after", found, "give one of each for every quench")
        key_net, key_prepare, key_move = jax.random.split(key, 3)
        psi, starts, runs = self.state(key_net), {}, {}
        for h in dict.fromkeys(self.before):
            starts[h] = self.moved(key_prepare, f"ground state at h = {h:g}", h, psi, grid(self.preparation, 0.025),
                                   progress, checkpoint, imaginary=True, solver="heun", cutoff=1e-6)  # fmt: skip
        for h, after in zip(self.before, self.after, strict=True):
            label = f"h = {h:g} to {after:g}"
            runs[label] = self.moved(key_move, label, after, starts[h].psi, grid(self.time, self.dt),
                                     progress, checkpoint, cutoff=self.cutoff)  # fmt: skip
        return self.told(starts, runs)

    def told(self, starts: dict[float, Evolved], runs: dict[str, Evolved]) -> Result:
        """Against free fermions."""
        estimates, checks, rows = {}, [], []
        for h, after, (label, run) in zip(self.before, self.after, runs.items(), strict=True):
            exact = exact_magnetization(self.n_sites, h, after, run.times)
            values, errors = run.observables["magnetization"], run.errors["magnetization"]
            name = f"{h:g}_to_{after:g}"
            estimates |= {
                f"magnetization/{name}": Estimate(float(values[-1]), float(errors[-1])),
                f"largest_error_of_the_magnetization/{name}": Estimate(float(np.abs(values - exact).max())),
                f"energy_drift/{name}": Estimate(float(np.abs(run.motion.energy / run.motion.energy[0] - 1).max())),
                f"largest_residual/{name}": Estimate(float(run.motion.residual.max())),
            }
            checks += claims(label, run, exact, self.tolerance, self.drift)
            rows.append({
                "magnetization": values,
                "magnetization_error": errors,
                "exact_magnetization": exact,
                "energy": run.motion.energy,
                "residual": run.motion.residual,
                "distance_bound": run.distance_bound,
            })  # fmt: skip
        for h, start in starts.items():
            gamma = free_fermion_chain.couplings(self.n_sites, h)
            exact_energy = free_fermion_chain.energy(gamma, free_fermion_chain.ground_state(gamma))
            error = float(start.motion.energy[-1] / exact_energy - 1)
            estimates[f"relative_error_of_the_start/{h:g}"] = Estimate(error)
        arrays = {name: (("quench", "time"), np.stack([row[name] for row in rows])) for name in rows[0]}
        ended = {**{f"ground state at h = {h:g}": start for h, start in starts.items()}, **runs}
        return Result(
            self.name,
            settings=asdict(self),
            estimates=estimates,
            checks=checks,
            arrays=xr.Dataset(arrays, coords={"quench": list(runs), "time": grid(self.time, self.dt)}),
            models={f"start_{h:g}": start.psi for h, start in starts.items()},
            notes=[f"{label}: {run.status}" for label, run in ended.items() if run.status.startswith("diverged")],
            figures=["quench"],
        )

    def state(self, key: Any) -> CharacterProjection:
        """ψ(x) = Σ_g φ(g x) + φ(-g x) over turns and reflections g, φ a Jastrow factor times hidden units."""
        keys = jax.random.split(key)
        settings: dict[str, Any] = {"n_sites": self.n_sites, "dtype": "complex128", "scale": 0.1}
        factors = Jastrow(key=keys[0], **settings), RBM(key=keys[1], alpha=self.hidden / self.n_sites, **settings)
        return CharacterProjection(ProductState(factors), space_group(hypercubic((self.n_sites,))).sites, parity=1)

    def moved(
        self, key: Any, label: str, field: float, psi: AbstractQuantumState, times: np.ndarray,
        progress: ProgressCallable, checkpoint: Path | None, **settings: Any,
    ) -> Evolved:  # fmt: skip
        """ψ under one field."""
        ring = transverse_field_ising(hypercubic((self.n_sites,)), field)
        settings |= {"signal_to_noise": self.signal_to_noise, "chunk": self.chunk or None}
        method = TimeDependent(ring, self.ensemble(ring), **settings)
        total = sum((X(i) for i in range(self.n_sites)), Operator({}))
        seen = {"magnetization": Hamiltonian(total / self.n_sites, ring.space)}
        file = None if checkpoint is None else checkpoint / f"{label.replace(' ', '_')}.safetensors"
        tell = lambda done, total, _: progress(done, total, label)  # noqa: E731
        return evolve(key, method, psi, times, seen, checkpoint=file, progress=tell)

    def ensemble(self, hamiltonian: Hamiltonian) -> AbstractBornAverage:
        """All states, one for each orbit, or chains."""
        if self.samples:
            sampler = MarkovChains(Flip(), self.samples, min(self.samples, 1024))
            return ChainAverage(space=hamiltonian.space, sampler=sampler, warm_up=20, chunk=self.chunk or None)
        return orbits(hamiltonian.space, space_group(hypercubic((self.n_sites,))).sites)


def grid(end: float, step: float) -> np.ndarray:
    """From 0 to the end, in steps of at most so much."""
    return np.linspace(0, end, int(np.ceil(end / step - 1e-9)) + 1)


def exact_magnetization(n_sites: int, before: float, after: float, times: np.ndarray) -> np.ndarray:
    """<X>(t) by free fermions."""
    gamma = free_fermion_chain.ground_state(free_fermion_chain.couplings(n_sites, before))
    A = free_fermion_chain.couplings(n_sites, after)
    return np.array([
        free_fermion_chain.transverse_magnetization(free_fermion_chain.evolved(A, gamma, float(t))) for t in times
    ])  # fmt: skip


def claims(label: str, run: Evolved, exact: np.ndarray, tolerance: float, drift: float) -> list[Check]:
    """The magnetization follows, the energy stays."""
    held = [
        follows("the magnetization", run.observables["magnetization"], exact, tolerance, "free fermions"),
        energy_is_conserved(np.asarray(run.motion.energy), drift),
    ]
    return [replace(check, law=f"{check.law} ({label})") for check in held]
