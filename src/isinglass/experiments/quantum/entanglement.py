# SPDX-License-Identifier: Apache-2.0
"""Entanglement of the transverse-field Ising ring across its transition: Rényi entropies and the fidelity's fall."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import xarray as xr

from isinglass.exact.quantum import free_fermion_chain
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.verbs import approximate

__all__ = ["Entanglement", "central_charge", "claims"]


@dataclass(frozen=True)
class Entanglement(AbstractExperiment):
    """A restricted Boltzmann machine is carried from field to field; its S_2 against the block, its fall of fidelity.

    Held against free fermions: entropies from the covariance of Majorana fermions, overlaps in closed form.
    """

    name: ClassVar[str] = "entanglement"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "Rényi entropy and fidelity across the Ising transition"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Hastings et al. 2010, arXiv:1001.2335; Calabrese and Cardy 2004, arXiv:hep-th/0405152"
    claim: ClassVar[str] = (
        "S_2 and the fidelity susceptibility as of free fermions; c = 1/2; the peak at the transition"
    )
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 8, "fields": (0.8, 0.9, 1.0, 1.1, 1.2), "steps": 60, "first_steps": 150, "samples": 512},
        "laptop": {},
        "paper": {"n_sites": 64, "steps": 1000, "first_steps": 3000, "samples": 8192, "draws": 262144, "alpha": 2},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"fields": 0}

    n_sites: int = 16
    """Spins on the ring."""
    fields: tuple[float, ...] = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
    """Fields, in order; 1 is among them."""
    alpha: float = 1.0
    """Hidden units per spin."""
    steps: int = 150
    """Steps of stochastic reconfiguration at each field."""
    first_steps: int = 400
    """Steps at the first field."""
    samples: int = 1008
    """Samples per step."""
    draws: int = 65536
    """Samples for entropies and fidelities."""
    entropy_tolerance: float = 0.02
    """Allowed error of an entropy, beside four standard errors."""
    fidelity_tolerance: float = 0.1
    """Allowed relative error of a susceptibility, beside four standard errors."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """From the largest field down: the machine of one field is the start of the next."""
        graph = hypercubic((self.n_sites,))
        bonds, field = transverse_field_ising(graph, 0.0), transverse_field_ising(graph, 1.0, J=0.0)
        result = approximate(
            key, HamiltonianLine(bonds, field, sorted(self.fields), "h"), one_network=False,
            ansatz=lambda key: RBM(key=key, n_sites=self.n_sites, alpha=self.alpha), steps=self.steps,
            first_steps=self.first_steps, samples=self.samples, draws=self.draws,
            exact=lambda h: exact.ground_energy(self.n_sites, h), exact_source="free fermions", progress=progress,
            checkpoint=checkpoint,
        )  # fmt: skip
        arrays = with_exact(result.arrays.rename(coupling="field"), self.n_sites)
        lengths, critical = arrays["block"].to_numpy(), arrays.sel(field=1.0)
        S, error, exact_S = (critical[name].to_numpy() for name in ("entropy", "entropy_error", "exact_entropy"))
        charge, exact_charge = (central_charge(lengths, s, error, self.n_sites) for s in (S, exact_S))
        chi, chi_error = (arrays[name].to_numpy() for name in ("susceptibility", "susceptibility_error"))
        estimates = {
            "central_charge": charge,
            "renyi_entropy": Estimate(float(S[-1]), float(error[-1])),
            "largest_fidelity_susceptibility": Estimate(float(chi.max()), float(chi_error[chi.argmax()])),
        }
        held = claims(arrays, charge, exact_charge.value, self.entropy_tolerance, self.fidelity_tolerance)
        return replace(
            result, name=self.name, settings=asdict(self), estimates=estimates | result.estimates,
            checks=held + result.checks, arrays=arrays, figures=["entanglement"],
        )  # fmt: skip


def with_exact(arrays: xr.Dataset, n_sites: int) -> xr.Dataset:
    """Entropies and susceptibilities of free fermions."""
    fields, lengths = arrays["field"].to_numpy(), arrays["block"].to_numpy()
    known = [free_fermion_chain.ground_state(free_fermion_chain.couplings(n_sites, h)) for h in fields]
    S = [[free_fermion_chain.renyi_entropy(gamma, int(b)) for b in lengths] for gamma in known]
    F = np.array([exact.fidelity(n_sites, a, b) for a, b in zip(fields, fields[1:], strict=False)])
    return arrays.assign(
        exact_entropy=(("field", "block"), np.array(S)),
        exact_susceptibility=("middle", -np.log(F) / np.diff(fields) ** 2),
    ).assign_attrs(n_sites=n_sites)


def central_charge(lengths: np.ndarray, S: np.ndarray, error: np.ndarray, n_sites: int) -> Estimate:
    """The slope of S_2 against ln sin(πℓ/N), over that of c = 1; blocks of two and more, errors as independent."""
    use = lengths > 1
    x = np.log(np.sin(np.pi * lengths[use] / n_sites))
    weight = 1 / error[use] ** 2
    x = x - np.average(x, weights=weight)
    slope = (weight * x * S[use]).sum() / (weight * x**2).sum()
    unit = free_fermion_chain.renyi_slope(1.0)
    return Estimate(float(slope / unit), float((weight * x**2).sum() ** -0.5 / unit))


def claims(
    arrays: xr.Dataset, charge: Estimate, exact_charge: float, entropy_tolerance: float, fidelity_tolerance: float
) -> list[Check]:
    """Entropies, the central charge, susceptibilities and their peak."""

    def worst(name: str) -> np.ndarray:
        """The largest deviation beyond four standard errors."""
        value, error, known = (arrays[k].to_numpy() for k in (name, f"{name}_error", f"exact_{name}"))
        return np.maximum(np.abs(value - known) - 4 * error, 0)

    entropy = worst("entropy")
    chi = worst("susceptibility") / arrays["exact_susceptibility"].to_numpy()
    middle = arrays["middle"].to_numpy()
    peak, exact_peak = (middle[arrays[name].to_numpy().argmax()] for name in ("susceptibility", "exact_susceptibility"))
    slack = 4 * (charge.error or 0.0) + 0.05
    step = 1.01 * float(np.abs(np.diff(arrays["field"].to_numpy())).max())
    critical = arrays["field"].to_numpy() == 1.0
    return [
        Check.at_most("S_2 of every block: deviation beyond four errors", entropy.max(), 0.0,
                      tolerance=entropy_tolerance, source="free fermions"),
        Check.at_most("S_2 of every block at the transition: deviation beyond four errors",
                      entropy[critical].max(), 0.0, tolerance=entropy_tolerance / 2, source="free fermions"),
        Check.within("central charge from S_2, as of the exact entropies of this size", charge.value, exact_charge,
                     slack, error=charge.error, source="free fermions; 1/2 for long rings",
                     of="central_charge"),
        Check.at_most("relative deviation of the fidelity susceptibility, beyond four errors", chi.max(), 0.0,
                      tolerance=fidelity_tolerance, source="free fermions"),
        Check.within("peak of the fidelity susceptibility", peak, exact_peak, step, source="free fermions"),
    ]  # fmt: skip
