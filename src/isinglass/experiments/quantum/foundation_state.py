# SPDX-License-Identifier: Apache-2.0
"""One network for all fields of the transverse-field Ising ring: also for those between the fields of training."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.symmetric_rbm import SymmetricRBM
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine
from isinglass.systems.quantum.lattice_symmetry import space_group
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.verbs import approximate

__all__ = ["FoundationStateExperiment"]


@dataclass(frozen=True)
class FoundationStateExperiment(AbstractExperiment):
    """Trained at some fields, evaluated between them as well: energy and fidelity susceptibility of each.

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
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 8, "n_fields": 7, "degree": 3, "steps": 150, "samples": 128, "measured": 16384,
                  "susceptibility_tolerance": 0.3},
        "laptop": {},
        "paper": {"n_sites": 40, "n_fields": 21, "steps": 2000, "samples": 2048, "measured": 65536, "alpha": 8},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"degree": 0, "lowest": 0}

    n_sites: int = 16
    """Spins on the ring."""
    lowest: float = 0.6
    """Lowest field of training."""
    highest: float = 1.4
    """Highest field of training."""
    n_fields: int = 9
    """Fields of training, at equal distances; it is evaluated between them as well."""
    degree: int = 4
    """Degree of the parameters as polynomials of the field; well below the number of fields, or they oscillate."""
    alpha: int = 4
    """Filters of the restricted Boltzmann machine."""
    steps: int = 500
    """Steps of stochastic reconfiguration."""
    samples: int = 256
    """Samples per step, for each field."""
    measured: int = 16384
    """Samples for each field, at the end."""
    rate: float = 0.1
    """Initial step of imaginary time; it falls to zero as a cosine."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""
    susceptibility_tolerance: float = 0.1
    """Allowed relative error of the fidelity susceptibility at the critical field."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train once, evaluate at every field."""
        perms = space_group(hypercubic((self.n_sites,))).sites
        result = approximate(
            key, self.line(), ansatz=lambda key: SymmetricRBM(key=key, perms=perms, alpha=self.alpha),
            degree=self.degree, steps=self.steps, samples=self.samples, rate=self.rate, measured=self.measured,
            asked=tuple(np.linspace(self.lowest, self.highest, 2 * self.n_fields - 1).tolist()),
            exact=lambda h: exact.ground_energy(self.n_sites, h), exact_source="free fermions",
            accuracy=self.tolerance, progress=progress, checkpoint=checkpoint,
        )  # fmt: skip
        arrays = with_exact(result.arrays.rename(coupling="field"), self.n_sites)
        checks = [*result.checks, critical_susceptibility(arrays, self.susceptibility_tolerance)]
        figures = ["foundation_state"]
        return replace(result, name=self.name, settings=asdict(self), arrays=arrays, checks=checks, figures=figures)

    def line(self) -> HamiltonianLine:
        """-Σ Z_i Z_j - h Σ X_i at the fields of training."""
        graph = hypercubic((self.n_sites,))
        bonds, field = transverse_field_ising(graph, 0.0), transverse_field_ising(graph, 1.0, J=0.0)
        return HamiltonianLine(bonds, field, np.linspace(self.lowest, self.highest, self.n_fields).tolist(), "h")


def with_exact(arrays: xr.Dataset, n_sites: int) -> xr.Dataset:
    """Relative errors of the energy, and the susceptibilities of free fermions."""
    chi = [exact.fidelity_susceptibility(n_sites, h) for h in arrays["field"].to_numpy()]
    energy, scale = arrays["exact_energy"], np.abs(arrays["exact_energy"])
    return arrays.assign(
        relative_error=(arrays["energy"] - energy) / scale,
        relative_error_error=arrays["energy_error"] / scale,
        fidelity_susceptibility_exact=("field", np.array(chi)),
    )


def critical_susceptibility(arrays: xr.Dataset, tolerance: float) -> Check:
    """The check of the fidelity susceptibility at the field next to 1."""
    at = arrays.isel(field=int(np.argmin(np.abs(arrays["field"].to_numpy() - 1))))
    exact_chi = float(at["fidelity_susceptibility_exact"])
    off = abs(float(at["fidelity_susceptibility"]) / exact_chi - 1)
    law = f"fidelity susceptibility at h = {float(at['field']):g}, relative error"
    error = float(at["fidelity_susceptibility_error"]) / exact_chi
    return Check.at_most(law, off, 0.0, tolerance=tolerance, source="free fermions", error=error)
