# SPDX-License-Identifier: Apache-2.0
"""Ground states of the transverse-field Ising model by a restricted Boltzmann machine, across the transition."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.approximation.born_sampling import MarkovChains
from isinglass.approximation.energy import Energy, measure
from isinglass.approximation.ground_state import exact_energy
from isinglass.approximation.markov_chain import Flip
from isinglass.approximation.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational_monte_carlo import Optimized, VariationalMonteCarlo, optimize
from isinglass.checks.variational import variance_tells, variational_principle, within_relative
from isinglass.exact import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.rbm import RBM
from isinglass.report.progress import ProgressCallable, silent
from isinglass.result import Check, Estimate, Result
from isinglass.systems.graph import hypercubic
from isinglass.systems.transverse_field_ising import transverse_field_ising

__all__ = ["TfimGroundState"]


class Case(NamedTuple):
    """One Hamiltonian of the experiment."""

    label: str
    shape: tuple[int, ...]
    h: float


@dataclass(frozen=True)
class TfimGroundState(AbstractExperiment):
    """Chains by size at their critical field h = 1 and across it, and a square lattice at its own, h = 3.04438.

    The energy is held against free fermions on the chain and against Lanczos on the square lattice.
    """

    name: ClassVar[str] = "tfim-ground-state"
    task: ClassVar[str] = "approximate"
    rows: ClassVar[tuple[int, ...]] = (93, 94)
    paper: ClassVar[str] = "Carleo and Troyer 2017, arXiv:1606.02318"
    claim: ClassVar[str] = "relative error of the energy at most 1e-3 across the transition, never below the exact one"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (8, 12), "fields": (0.5, 1.5), "square": 3, "steps": 150, "samples": 512},
        "laptop": {},
        "paper": {"sizes": (20, 32, 64, 80), "fields": (0.5, 0.8, 1.25, 1.5, 2.0), "square": 4, "steps": 3000,
                  "samples": 8192, "alpha": 4, "tolerance": 1e-4},
    }  # fmt: skip

    sizes: tuple[int, ...] = (12, 20, 32)
    """Chains, at h = 1."""
    fields: tuple[float, ...] = (0.5, 0.8, 1.25, 1.5)
    """Further fields, for the second chain of `sizes`."""
    square: int = 4
    """Side of the square lattice, at h = 3.04438; 0: none."""
    alpha: float = 1.0
    """Hidden units to a spin."""
    steps: int = 400
    """Steps of stochastic reconfiguration."""
    samples: int = 1008
    """Samples in a step, each from a chain of its own."""
    rate: float = 0.1
    """Step of imaginary time."""
    shift: float = 1e-3
    """Added to the diagonal of the matrix S."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""

    def cases(self) -> list[Case]:
        """Every Hamiltonian."""
        at_one = [Case(f"chain_{N}_h_1", (N,), 1.0) for N in self.sizes]
        N = self.sizes[min(1, len(self.sizes) - 1)]
        across = [Case(f"chain_{N}_h_{h:g}", (N,), h) for h in self.fields]
        square = [Case(f"square_{self.square}_h_3.04438", (self.square,) * 2, 3.04438)] if self.square else []
        return at_one + across + square

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One case after the other."""
        estimates: dict[str, Estimate] = {}
        checks: list[Check] = []
        histories, known, models = [], [], {}
        for case, key_case in zip(self.cases(), jax.random.split(key, len(self.cases())), strict=True):
            found, run, E_0 = self.solve(key_case, case, progress, checkpoint)
            source = "free fermions" if len(case.shape) == 1 else "Lanczos"
            estimates |= {f"{name}/{case.label}": value for name, value in found.estimates().items()}
            for check in (variational_principle(found.energy, E_0, source),
                          within_relative(found.energy, E_0, self.tolerance, source),
                          variance_tells(found.energy, found.variance, E_0)):  # fmt: skip
                checks.append(replace(check, law=f"{check.law} ({case.label.replace('_', ' ')})"))
            histories.append(run.history["energy"])
            known.append(E_0)
            models[case.label] = run.psi
        labels = [case.label for case in self.cases()]
        energy = np.array([[estimates[f"ground_state_energy/{c}"].value, estimates[f"ground_state_energy/{c}"].error]
                           for c in labels], float)  # fmt: skip
        arrays = xr.Dataset(
            {
                "energy_history": (("case", "step"), np.stack(histories)),
                "exact_energy": ("case", np.array(known)),
                "energy": ("case", energy[:, 0]),
                "energy_error": ("case", energy[:, 1]),
                "sites": ("case", [int(np.prod(case.shape)) for case in self.cases()]),
                "field": ("case", [case.h for case in self.cases()]),
            },
            coords={"case": labels, "step": np.arange(1, self.steps + 1)},
        )
        return Result(
            self.name,
            settings=asdict(self),
            estimates=estimates,
            checks=checks,
            arrays=arrays,
            models=models,
            figures=["ground_states"],
        )

    def solve(
        self, key, case: Case, progress: ProgressCallable, checkpoint: Path | None
    ) -> tuple[Energy, Optimized, float]:
        """Optimize, measure, and look up what is exact."""
        hamiltonian = transverse_field_ising(hypercubic(case.shape), case.h)
        key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
        psi = RBM(key=key_net, n_sites=hamiltonian.space.n_sites, alpha=self.alpha)
        sampler = MarkovChains(Flip(), self.samples, self.samples)
        vmc = VariationalMonteCarlo(
            hamiltonian, sampler, StochasticReconfiguration(self.rate / max(1.0, case.h), self.shift)
        )
        file = None if checkpoint is None else checkpoint / f"{case.label}.safetensors"
        told = lambda done, total, text: progress(done, total, f"{case.label}: {text}")  # noqa: E731
        run = optimize(key_train, vmc, psi, self.steps, checkpoint=file, progress=told)
        found = measure(key_draw, hamiltonian, sampler, run.psi, run.samples)
        if len(case.shape) == 1:
            return found, run, exact.ground_energy(case.shape[0], case.h)
        E_0 = exact_energy(key_exact, hamiltonian)
        if E_0 is None:
            raise ValueError(f"Expected a square lattice of at most 4 x 4 sites, found {case.shape}; lower `square`.")
        return found, run, E_0
