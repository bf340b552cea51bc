# SPDX-License-Identifier: Apache-2.0
"""Approximate the ground states of a line of Hamiltonians by a state for each: entanglement and fidelity along it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import approximation
from isinglass.errors import InputError
from isinglass.result import Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.outcome.evidence import enough
from isinglass.tasks.outcome.line import Energies, energy_checks, exact_energies, first_state
from isinglass.tasks.setting.ansatz import Ansatz, ansatz_words, name_of
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.approximation.variational.ensemble import ChainAverage
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine

    Lattice = tuple[int, ...] | None
    States = list[AbstractQuantumState]
else:
    Lattice = States = Any

__all__ = ["ApproximatePath"]

MOST_CHAINS = 2048


@dataclass(frozen=True)
class ApproximatePath(AbstractTask):
    """A neural state is optimized at the largest coupling of the line and carried to the next, down to the smallest.

        line = HamiltonianLine(transverse_field_ising(ring, 0), transverse_field_ising(ring, 1, J=0), (0.8, 1.0, 1.2))
        result = isinglass.approximate(0, line, one_network=False)

    At each: <H>, and the Rényi entropies S_2 of blocks; between neighbors: the fidelity susceptibility -ln F / δ².
    Law: no <H> below the ground state's energy.
    Errors: InputError for an ansatz that does not fit the space, or blocks that do not fit the lattice.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.quantum.hamiltonian_line:HamiltonianLine",)
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "a line of Hamiltonians"

    ansatz: Ansatz = setting("rbm", choices=ansatz_words)
    """The neural state: a name, an untrained state, or a function key -> state."""
    one_network: bool = False
    """False: a state for each coupling; True: one network for all."""
    alpha: float | None = None
    """Width of the ansatz, where it is given by name."""
    lattice: Lattice = setting(None)
    """Sides of the torus that the sites fill in C order; by default a ring."""
    steps: int = 150
    """Steps of stochastic reconfiguration at each coupling."""
    first_steps: int = 400
    """Steps at the first coupling."""
    samples: int = 1008
    """Samples per step."""
    rate: float = 0.08
    """Step of imaginary time."""
    blocks: tuple[int, ...] | None = None
    """Lengths of blocks, sites 0 ... ℓ-1; by default 1 ... N/2."""
    draws: int = 65536
    """Samples for entropies and fidelities."""
    exact: Energies = setting(None)
    """Coupling -> the exact energy; by default Lanczos, where the space is small."""
    exact_source: str = "Lanczos"
    """Source of the exact energy."""
    accuracy: float = 1e-3
    """The relative error of the energies that is stated."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where `one_network` is False."""
        return settings.get("one_network", True) is False

    def run(
        self, key: Any, problem: "HamiltonianLine", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Optimize at each coupling; entropies from swapped copies, susceptibilities from overlaps of neighbors."""
        import jax

        begun, couplings, lengths = time.perf_counter(), problem.couplings[::-1], self.lengths(problem)
        key_net, key_train, key_entropy, key_fidelity, key_exact = jax.random.split(key, 5)
        exact = exact_energies(key_exact, problem, couplings, self.exact)
        psi = first_state(key_net, problem, self.ansatz, self.alpha, self.lattice)
        states, found, notes = self.carried(key_train, problem, psi, progress, checkpoint)
        source, names = self.source_of_draws(problem), [problem.name(g) for g in couplings]
        S = entropies(key_entropy, source, states, lengths)
        chi = susceptibilities(key_fidelity, source, states, couplings)
        estimates = {f"{quantity}/{name}": value for name, energy in zip(names, found, strict=True)
                     for quantity, value in energy.estimates().items()}  # fmt: skip
        estimates |= {f"renyi_entropy/{name}": row[-1] for name, row in zip(names, S, strict=True)}
        middle = [problem.name(g) for g in (couplings[1:] + couplings[:-1]) / 2]
        return Result(
            "ground-states",
            estimates=estimates | {f"fidelity_susceptibility/{g}": value for g, value in zip(middle, chi, strict=True)},
            checks=[check for name, energy, known in zip(names, found, exact, strict=True)
                    for check in energy_checks(energy, known, self.accuracy, self.exact_source, name)],
            arrays=rows(couplings, lengths, found, exact, S, chi),
            models=dict(zip(names, states, strict=True)),
            settings={"fixed": str(problem.fixed.operator), "coupled": str(problem.coupled.operator),
                      "couplings": couplings, "ansatz": name_of(self.ansatz), "steps": self.steps,
                      "first_steps": self.first_steps, "samples": self.samples, "draws": self.draws},
            seconds=time.perf_counter() - begun,
            notes=notes,
        )  # fmt: skip

    def lengths(self, line: "HamiltonianLine") -> np.ndarray:
        """The lengths ℓ of the blocks.

        Errors: InputError for a block that is empty or the whole lattice.
        """
        N = line.fixed.space.n_sites
        lengths = np.arange(1, N // 2 + 1) if self.blocks is None else np.asarray(self.blocks)
        if not len(lengths) or lengths.min() < 1 or lengths.max() >= N:
            raise InputError(f"blocks of 1 to {N - 1} sites", f"{self.blocks}", "change blocks")
        return lengths

    def carried(
        self, key: Any, line: "HamiltonianLine", psi: "AbstractQuantumState", progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> tuple[States, list[Any], list[str]]:  # fmt: skip
        """The state and <H> at each coupling, from the largest down: one is the start of the next."""
        import jax

        rule = approximation.variational.stochastic_reconfiguration.StochasticReconfiguration(self.rate)
        states, found, notes = [], [], []
        for k, g in enumerate(line.couplings[::-1]):
            name, steps = line.name(g), self.steps if k else self.first_steps
            progress(k, len(line.couplings), name.replace("_", " = "))
            vmc = approximation.variational.ground_state.method_for(
                line.at(g), psi, self.samples, steps, optimizer=rule
            )
            key_g, file = jax.random.fold_in(key, k), checkpoint and checkpoint / f"{name}.safetensors"
            run = approximation.optimize(key_g, vmc, psi, steps, checkpoint=file)
            psi = run.psi
            key_draw = jax.random.fold_in(key_g, 2**30)
            told = enough(key_draw, vmc.hamiltonian, None, self.accuracy)
            found.append(approximation.measure(key_draw, vmc.hamiltonian, vmc.sampler, psi, run.samples, enough=told))
            states.append(psi)
            notes += [] if run.status == "step limit" else [f"{name}: {run.status}"]
        return states, found, notes

    def source_of_draws(self, line: "HamiltonianLine") -> "ChainAverage":
        """Chains for entropies and fidelities."""
        hamiltonian = line.at(line.couplings[-1])
        move = approximation.variational.markov_chain.move_for(hamiltonian)
        return approximation.variational.ensemble.chains(
            hamiltonian, move, self.draws, min(self.draws, MOST_CHAINS), warm_up=3
        )


def entropies(key: Any, source: "ChainAverage", states: States, lengths: np.ndarray) -> list[list[Estimate]]:
    """S_2 of each state, of each block."""
    import jax

    found = approximation.variational.renyi_entropy
    blocks = found.contiguous_blocks(source.space.n_sites, lengths.tolist())
    return [found.renyi_entropies(jax.random.fold_in(key, k), source, psi, blocks) for k, psi in enumerate(states)]


def susceptibilities(key: Any, source: "ChainAverage", states: States, couplings: np.ndarray) -> list[Estimate]:
    """-ln F / δ² of neighbors, at their middle."""
    import jax

    found, rows = approximation.variational.fidelity, []
    for k in range(len(states) - 1):
        F = found.fidelity_of_neighbors(jax.random.fold_in(key, k), source, states[k], states[k + 1])
        rows.append(found.fidelity_susceptibility(F, couplings[k] - couplings[k + 1]))
    return rows


def rows(couplings: np.ndarray, lengths: np.ndarray, found: Any, exact: Any, S: Any, chi: Any):
    """Energies and entropies at each coupling, susceptibilities between them."""
    import xarray as xr

    arrays = columns("energy", [energy.energy for energy in found], ("coupling",))
    arrays |= columns("entropy", S, ("coupling", "block")) | columns("susceptibility", chi, ("middle",))
    arrays["exact_energy"] = ("coupling", np.array(exact, float))
    middle = (couplings[1:] + couplings[:-1]) / 2
    return xr.Dataset(arrays, coords={"coupling": couplings, "block": lengths, "middle": middle})


def columns(name: str, estimates: Any, dims: tuple[str, ...]) -> dict[str, Any]:
    """Values and errors as arrays."""
    flat = np.array(estimates, object)
    value = np.vectorize(lambda e: e.value, otypes=[float])(flat)
    error = np.vectorize(lambda e: np.nan if e.error is None else e.error, otypes=[float])(flat)
    return {name: (dims, value), f"{name}_error": (dims, error)}
