# SPDX-License-Identifier: Apache-2.0
"""One network for all fields of the transverse-field Ising ring: also for those that it was not trained at."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr

from isinglass.approximation.variational.born_sampling import AbstractBornSampler, MarkovChains
from isinglass.approximation.variational.energy import Energy, measure
from isinglass.approximation.variational.ensemble import ChainAverage, sample
from isinglass.approximation.variational.foundation import FoundationMonteCarlo, path_susceptibility
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import optimize
from isinglass.checks.variational import variational_principle, within_relative
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.foundation_state import FoundationState, foundation_state
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.stats.resampling import mean_over_groups
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.lattice_symmetry import space_group
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

__all__ = ["FoundationStateExperiment"]

GROUPS = 16  # of samples, for the error of the susceptibility


@dataclass(frozen=True)
class FoundationStateExperiment(AbstractExperiment):
    """Trained at some fields, asked at those between them as well: energy and fidelity susceptibility of each.

    The susceptibility is the metric along the network's own path through the fields: no second state is needed.
    """

    name: ClassVar[str] = "foundation-state"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "one network for all fields of the Ising ring, also those between"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Rende et al. 2025, arXiv:2502.09488"
    claim: ClassVar[str] = (
        "energies of all fields within 1e-3, also of those not trained at; susceptibility within 10 %"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 8, "n_fields": 7, "degree": 3, "steps": 150, "samples": 128, "measured": 4096,
                  "susceptibility_tolerance": 0.3},
        "laptop": {},
        "paper": {"n_sites": 40, "n_fields": 21, "steps": 2000, "samples": 2048, "measured": 65536, "alpha": 8},
    }  # fmt: skip

    n_sites: int = 16
    """Spins on the ring."""
    lowest: float = 0.6
    """Field."""
    highest: float = 1.4
    """Field."""
    n_fields: int = 9
    """Fields of training, at equal distances; it is asked at those between them as well."""
    degree: int = 4
    """Of the polynomials by which parameters depend on the field; well below the number of fields, or they swing."""
    alpha: int = 4
    """Filters of the machine."""
    steps: int = 500
    """Steps of stochastic reconfiguration."""
    samples: int = 256
    """Samples in a step, for each field."""
    measured: int = 16384
    """Samples for each field, at the end."""
    rate: float = 0.1
    """Step of imaginary time at first; it falls to zero as a cosine."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""
    susceptibility_tolerance: float = 0.1
    """Allowed relative error of the fidelity susceptibility at the critical field."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train once, ask everywhere."""
        key_net, key_train, key_draw = jax.random.split(key, 3)
        graph = hypercubic((self.n_sites,))
        trained = np.linspace(self.lowest, self.highest, self.n_fields)
        fixed = transverse_field_ising(graph, 0.0)
        coupled = Hamiltonian(transverse_field_ising(graph, 1.0, J=0.0).operator, fixed.space)
        sampler = MarkovChains(Flip(), self.samples, self.samples)
        machine = SymmetricRBM(key=key_net, perms=space_group(graph).sites, alpha=self.alpha)
        psi = foundation_state(machine, self.lowest, self.highest, self.degree)
        method = FoundationMonteCarlo(
            fixed,
            coupled,
            jnp.asarray(trained),
            sampler,
            StochasticReconfiguration(optax.cosine_decay_schedule(self.rate, self.steps)),
        )
        file = None if checkpoint is None else checkpoint / "foundation.safetensors"
        run = optimize(key_train, method, psi, self.steps, checkpoint=file, progress=progress)
        fields = np.linspace(self.lowest, self.highest, 2 * self.n_fields - 1)
        asked = MarkovChains(Flip(), self.measured // 8, self.measured // 8)
        answers = [self.ask(k, h, asked, run.psi) for k, h in zip(jax.random.split(key_draw, len(fields)), fields,
                                                                  strict=True)]  # fmt: skip
        return self.result(fields, answers, run)

    def ask(self, key: Any, h: float, sampler: AbstractBornSampler, psi: FoundationState) -> tuple[Energy, Estimate]:
        """Energy and susceptibility at one field."""
        hamiltonian = transverse_field_ising(hypercubic((self.n_sites,)), h)
        return measure(key, hamiltonian, sampler, psi.at(jnp.asarray(h))), susceptibility(
            key, hamiltonian, sampler, psi, jnp.asarray(h)
        )

    def result(self, fields: np.ndarray, answers: list[tuple[Energy, Estimate]], run: Any) -> Result:
        """Estimates and checks for every field."""
        estimates: dict[str, Estimate] = {}
        checks: list[Check] = []
        known = [exact.ground_energy(self.n_sites, h) for h in fields]
        for k, (h, (energy, chi)) in enumerate(zip(fields, answers, strict=True)):
            where = f"h = {h:g}, {'not trained at' if k % 2 else 'trained at'}"
            estimates |= {f"{name}/h_{h:g}": value for name, value in energy.estimates().items()}
            estimates[f"fidelity_susceptibility/h_{h:g}"] = chi
            bound = variational_principle(energy.energy, known[k], "free fermions", of=f"ground_state_energy/h_{h:g}")
            close = within_relative(energy.energy, known[k], self.tolerance, "free fermions")
            checks += [named(bound, where), named(close, where)]
        chi_exact = np.array([exact.fidelity_susceptibility(self.n_sites, h) for h in fields])
        chi = np.array([[c.value, c.error] for _, c in answers], float)
        middle = int(np.argmin(np.abs(fields - 1)))
        off = abs(chi[middle, 0] / chi_exact[middle] - 1)
        law = f"fidelity susceptibility at h = {fields[middle]:g}, relative error"
        checks.append(Check.at_most(law, off, 0.0, tolerance=self.susceptibility_tolerance, source="free fermions",
                                    error=chi[middle, 1] / chi_exact[middle]))  # fmt: skip
        energy = np.array([[e.energy.value, e.energy.error] for e, _ in answers], float)
        arrays = xr.Dataset(
            {
                "relative_error": ("field", (energy[:, 0] - known) / np.abs(known)),
                "relative_error_error": ("field", energy[:, 1] / np.abs(known)),
                "fidelity_susceptibility": ("field", chi[:, 0]),
                "fidelity_susceptibility_error": ("field", chi[:, 1]),
                "fidelity_susceptibility_exact": ("field", chi_exact),
                "trained": ("field", np.arange(len(fields)) % 2 == 0),
                "energy_history": ("step", np.asarray(run.history["energy"])),
            },
            coords={"field": fields, "step": np.arange(1, len(run.history["energy"]) + 1)},
        )
        return Result(
            self.name,
            settings=asdict(self),
            estimates=estimates,
            checks=checks,
            arrays=arrays,
            models={"foundation": run.psi},
            notes=[] if run.status == "step limit" else [run.status],
            figures=["foundation_state"],
        )


def named(check: Check, where: str) -> Check:
    """A check says where."""
    return replace(check, law=f"{check.law} ({where})")


def susceptibility(
    key: Any, hamiltonian: Hamiltonian, sampler: AbstractBornSampler, psi: FoundationState, h: Any
) -> Estimate:
    """The metric along the path, its error from groups of samples."""
    chains = ChainAverage(space=hamiltonian.space, sampler=sampler, warm_up=8)
    n = eqx.filter_jit(sample)(key, chains, psi.at(h))[0].n.reshape(-1, hamiltonian.space.n_sites)
    x = hamiltonian.space.variables(n, float).reshape(GROUPS, -1, n.shape[-1])
    w = jnp.full(x.shape[1], 1 / x.shape[1])
    each = eqx.filter_jit(lambda x: jax.lax.map(lambda x: path_susceptibility(psi, h, x, w), x))(x)
    value, error = mean_over_groups(each * x.shape[1] / (x.shape[1] - 1))
    return Estimate(float(value), float(error))
