# SPDX-License-Identifier: Apache-2.0
"""Entanglement of the transverse-field Ising ring across its transition: Renyi entropies and the fidelity's fall."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np
import xarray as xr

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.ensemble import ChainAverage, chains
from isinglass.approximation.variational.fidelity import fidelity_of_neighbors, fidelity_susceptibility
from isinglass.approximation.variational.markov_chain import Flip
from isinglass.approximation.variational.renyi_entropy import contiguous_blocks, renyi_entropies
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.variational_monte_carlo import VariationalMonteCarlo, optimize
from isinglass.exact.quantum import free_fermion_chain
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

__all__ = ["Entanglement", "central_charge", "claims"]


@dataclass(frozen=True)
class Entanglement(AbstractExperiment):
    """A restricted Boltzmann machine is carried from field to field; its S_2 against the block, its fall of fidelity.

    Held against free fermions: entropies from the covariance of Majorana fermions, overlaps in closed form.
    """

    name: ClassVar[str] = "entanglement"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "Renyi entropy and fidelity across the Ising transition"
    rows: ClassVar[tuple[int, ...]] = (93,)
    paper: ClassVar[str] = "Hastings et al. 2010, arXiv:1001.2335; Calabrese and Cardy 2004, arXiv:hep-th/0405152"
    claim: ClassVar[str] = (
        "S_2 and the fidelity susceptibility as of free fermions; c = 1/2; the peak at the transition"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"n_sites": 8, "fields": (0.8, 0.9, 1.0, 1.1, 1.2), "steps": 60, "first_steps": 150, "samples": 512},
        "laptop": {},
        "paper": {"n_sites": 64, "steps": 1000, "first_steps": 3000, "samples": 8192, "draws": 262144, "alpha": 2},
    }  # fmt: skip

    n_sites: int = 16
    """Spins on the ring."""
    fields: tuple[float, ...] = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
    """Fields, in order; 1 is among them."""
    alpha: float = 1.0
    """Hidden units to a spin."""
    steps: int = 150
    """Steps of stochastic reconfiguration at each field."""
    first_steps: int = 400
    """At the first one."""
    samples: int = 1008
    """Samples in a step."""
    draws: int = 65536
    """Draws for entropies and fidelities."""
    entropy_tolerance: float = 0.02
    """Allowed error of an entropy, beside four standard errors."""
    fidelity_tolerance: float = 0.1
    """Allowed relative error of a susceptibility, beside four standard errors."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """From the largest field down: the machine of one field is the start of the next."""
        key_net, key_train, key_entropy, key_fidelity = jax.random.split(key, 4)
        fields = np.sort(self.fields)[::-1]
        states, psi = [], RBM(key=key_net, n_sites=self.n_sites, alpha=self.alpha)
        for k, h in enumerate(fields):
            progress(k, len(fields), f"h = {h:g}")
            file = None if checkpoint is None else checkpoint / f"{h:g}.safetensors"
            steps = self.steps if k else self.first_steps
            psi = optimize(jax.random.fold_in(key_train, k), self.method(h), psi, steps, checkpoint=file).psi
            states.append(psi)
        source = chains(transverse_field_ising(hypercubic((self.n_sites,))), Flip(), self.draws,
                        min(self.draws, 2048), warm_up=3)  # fmt: skip
        lengths = np.arange(1, self.n_sites // 2 + 1)
        arrays = xr.merge([
            self.entropies(key_entropy, source, fields, states, lengths),
            self.susceptibilities(key_fidelity, source, fields, states),
        ])  # fmt: skip
        S, error = (arrays[name].sel(field=1.0).to_numpy() for name in ("entropy", "entropy_error"))
        charge = central_charge(lengths, S, error, self.n_sites)
        exact_charge = central_charge(lengths, arrays["exact_entropy"].sel(field=1.0).to_numpy(), error, self.n_sites)
        chi = arrays["susceptibility"].to_numpy()
        return Result(
            self.name,
            settings=asdict(self),
            estimates={
                "central_charge": charge,
                "renyi_entropy": Estimate(float(S[-1]), float(error[-1])),
                "largest_fidelity_susceptibility": Estimate(
                    float(chi.max()), float(arrays["susceptibility_error"].to_numpy()[chi.argmax()])
                ),
            },
            checks=claims(arrays, charge, exact_charge.value, self.entropy_tolerance, self.fidelity_tolerance),
            arrays=arrays,
            models={f"field_{h:g}": psi for h, psi in zip(fields, states, strict=True)},
            figures=["entanglement"],
        )

    def method(self, h: float) -> VariationalMonteCarlo:
        """At one field."""
        hamiltonian = transverse_field_ising(hypercubic((self.n_sites,)))
        sampler = MarkovChains(Flip(), self.samples, self.samples)
        method = VariationalMonteCarlo(hamiltonian, sampler, StochasticReconfiguration(0.08))
        moves = hamiltonian.moves.c  # -h of each flip: one compiled program serves all fields
        return eqx.tree_at(lambda m: m.hamiltonian.moves.c, method, float(h) * moves)

    def entropies(self, key, source: ChainAverage, fields, states, lengths) -> xr.Dataset:
        """S_2 at each field, of each block."""
        blocks = contiguous_blocks(self.n_sites, lengths.tolist())
        found = [
            renyi_entropies(jax.random.fold_in(key, k), source, psi, blocks) for k, psi in enumerate(states)
        ]  # fmt: skip
        known = [free_fermion_chain.ground_state(free_fermion_chain.couplings(self.n_sites, h)) for h in fields]
        rows = {
            "entropy": [[e.value for e in row] for row in found],
            "entropy_error": [[np.nan if e.error is None else e.error for e in row] for row in found],
            "exact_entropy": [[free_fermion_chain.renyi_entropy(gamma, int(b)) for b in lengths] for gamma in known],
        }
        arrays = {name: (("field", "block"), np.array(values, float)) for name, values in rows.items()}
        return xr.Dataset(arrays, coords={"field": fields, "block": lengths}, attrs={"n_sites": self.n_sites})

    def susceptibilities(self, key, source: ChainAverage, fields, states) -> xr.Dataset:
        """-ln F / δ² of neighboring fields, at their middle."""
        rows = []
        for k in range(len(fields) - 1):
            delta = fields[k] - fields[k + 1]
            F = fidelity_of_neighbors(jax.random.fold_in(key, k), source, states[k], states[k + 1])
            chi = fidelity_susceptibility(F, delta)
            known = Estimate(exact.fidelity(self.n_sites, fields[k], fields[k + 1]))
            rows.append([chi.value, chi.error, fidelity_susceptibility(known, delta).value])
        values = np.array(rows, float).T
        names = ("susceptibility", "susceptibility_error", "exact_susceptibility")
        middle = (fields[1:] + fields[:-1]) / 2
        return xr.Dataset(
            {name: ("middle", column) for name, column in zip(names, values, strict=True)}, coords={"middle": middle}
        )


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
        """What of a deviation four standard errors do not explain."""
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
        Check.at_most("S_2 of every block, beyond four errors of the exact one", entropy.max(), 0.0,
                      tolerance=entropy_tolerance, source="free fermions"),
        Check.at_most("S_2 of every block at the transition, beyond four errors of the exact one",
                      entropy[critical].max(), 0.0, tolerance=entropy_tolerance / 2, source="free fermions"),
        Check.within("central charge from S_2, as of the exact entropies of this size", charge.value, exact_charge,
                     slack, error=charge.error, source="free fermions; 1/2 for long rings",
                     of="central_charge"),
        Check.at_most("relative deviation of the fidelity susceptibility, beyond four errors", chi.max(), 0.0,
                      tolerance=fidelity_tolerance, source="free fermions"),
        Check.within("peak of the fidelity susceptibility", peak, exact_peak, step, source="free fermions"),
    ]  # fmt: skip
