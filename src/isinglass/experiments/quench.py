# SPDX-License-Identifier: Apache-2.0
"""A quench of the transverse-field Ising ring by time-dependent variational Monte Carlo, against free fermions."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.approximation.ensemble import AbstractEnsemble, chains, orbits
from isinglass.approximation.markov_chain import Flip
from isinglass.approximation.time_dependent import Evolved, TimeDependent, evolve
from isinglass.checks.dynamics import energy_is_conserved, follows
from isinglass.exact import free_fermion_chain
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.symmetric_rbm import SymmetricRBM
from isinglass.report.progress import ProgressCallable, silent
from isinglass.result import Check, Estimate, Result
from isinglass.systems.graph import hypercubic
from isinglass.systems.hamiltonian import Hamiltonian
from isinglass.systems.operator import Operator, X
from isinglass.systems.transverse_field_ising import transverse_field_ising

__all__ = ["Quench", "claims", "exact_magnetization"]


@dataclass(frozen=True)
class Quench(AbstractExperiment):
    """The ground state of one field, found in imaginary time, moves under another field in real time.

    One symmetric restricted Boltzmann machine, one equation of motion for both; all states of the ring are summed.
    """

    name: ClassVar[str] = "quench"
    task: ClassVar[str] = "approximate"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Carleo et al. 2012, doi:10.1038/srep00243; Carleo and Troyer 2017, arXiv:1606.02318"
    claim: ClassVar[str] = "magnetization within 1e-2 of the exact one at all times, energy conserved to 1e-3"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 6, "alpha": 2, "time": 1.0, "dt": 0.04, "preparation": 1.2},
        "laptop": {},
        "paper": {"n_sites": 40, "samples": 16384, "alpha": 4, "dt": 0.005, "signal_to_noise": 2.0, "cutoff": 1e-6},
    }

    n_sites: int = 12
    """Spins on the ring."""
    before: float = 2.0
    """Field whose ground state is the start."""
    after: float = 1.25
    """Field of the motion."""
    time: float = 2.0
    """Until when."""
    dt: float = 0.02
    """Step of Runge and Kutta."""
    preparation: float = 2.5
    """Imaginary time."""
    alpha: int = 4
    """Filters of the machine."""
    samples: int = 0
    """Draws of Markov chains; 0: the sum over all states, up to about 20 spins."""
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
        key_net, key_prepare, key_move = jax.random.split(key, 3)
        start, motion = (transverse_field_ising(hypercubic((self.n_sites,)), h) for h in (self.before, self.after))
        group = ring_group(self.n_sites)
        psi = SymmetricRBM(key=key_net, perms=group, alpha=self.alpha, dtype="complex128", scale=0.1)
        ensemble = self.ensemble(start, group)
        progress(0, 2, "ground state in imaginary time")
        cooling = TimeDependent(start, ensemble, imaginary=True, solver="heun", cutoff=1e-6,
                                signal_to_noise=self.signal_to_noise)  # fmt: skip
        cooled = evolve(key_prepare, cooling, psi, grid(self.preparation, 0.025))
        progress(1, 2, "motion")
        moving = TimeDependent(motion, ensemble, cutoff=self.cutoff, signal_to_noise=self.signal_to_noise)
        total = sum((X(i) for i in range(self.n_sites)), Operator({}))
        magnetization = Hamiltonian(total / self.n_sites, motion.space)
        run = evolve(key_move, moving, cooled.psi, grid(self.time, self.dt), {"magnetization": magnetization})
        progress(2, 2, "done")
        exact = exact_magnetization(self.n_sites, self.before, self.after, run.times)
        energies = free_fermion_chain.couplings(self.n_sites, self.before)
        exact_start = free_fermion_chain.energy(energies, free_fermion_chain.ground_state(energies))
        values, errors = run.observables["magnetization"], run.errors["magnetization"]
        arrays = xr.Dataset(
            {
                "magnetization": ("time", values),
                "magnetization_error": ("time", errors),
                "exact_magnetization": ("time", exact),
                "energy": ("time", np.asarray(run.motion.energy)),
                "residual": ("time", np.asarray(run.motion.residual)),
                "distance_bound": ("time", run.distance_bound),
            },
            coords={"time": run.times},
        )
        return Result(
            self.name,
            settings=asdict(self),
            estimates={
                "magnetization": Estimate(float(values[-1]), float(errors[-1])),
                "largest_error_of_the_magnetization": Estimate(float(np.abs(values - exact).max())),
                "energy_drift": Estimate(float(np.abs(run.motion.energy / run.motion.energy[0] - 1).max())),
                "largest_residual": Estimate(float(run.motion.residual.max())),
                "relative_error_of_the_start": Estimate(float(cooled.motion.energy[-1] / exact_start - 1)),
            },
            checks=claims(run, exact, self.tolerance, self.drift),
            arrays=arrays,
            models={"start": cooled.psi, "end": run.psi},
            figures=["quench"],
        )

    def ensemble(self, hamiltonian: Hamiltonian, group: np.ndarray) -> AbstractEnsemble:
        """All states, one for each orbit, or chains."""
        if self.samples:
            return chains(hamiltonian, Flip(), self.samples, min(self.samples, 1024), warm_up=20)
        return orbits(hamiltonian.space, group)


def ring_group(n_sites: int) -> np.ndarray:
    """Translations and reflections of a ring, [2N, N]."""
    turns = (np.arange(n_sites)[None] + np.arange(n_sites)[:, None]) % n_sites
    return np.concatenate([turns, turns[:, ::-1]])


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


def claims(run: Evolved, exact: np.ndarray, tolerance: float, drift: float) -> list[Check]:
    """The magnetization follows, the energy stays."""
    return [
        follows("the magnetization", run.observables["magnetization"], exact, tolerance, "free fermions"),
        energy_is_conserved(np.asarray(run.motion.energy), drift),
    ]
