# SPDX-License-Identifier: Apache-2.0
"""Ground states by autoregressive networks: normalized, and sampled directly, without chains."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.errors import InputError
from isinglass.exact.quantum import heisenberg as bethe_ansatz
from isinglass.exact.quantum import transverse_field_ising as free_fermions
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.nets.autoregressive.recurrent import Recurrent
from isinglass.nets.wavefunction.autoregressive_state import AutoregressiveState
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising
from isinglass.tasks.cases import Case, join, labelled, solve
from isinglass.verbs import approximate

__all__ = ["AutoregressiveGroundState", "normalization"]

MOST = 1 << 12  # states of a normalization


@dataclass(frozen=True)
class AutoregressiveGroundState(AbstractExperiment):
    """Ising rings at h = 1 and a Heisenberg ring in its sector, by a masked dense network, a GRU and a transformer.

    Every sample is independent: no chain, no rejection.  On small rings Σ |ψ|² is summed over all states.
    """

    name: ClassVar[str] = "autoregressive-state"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "quantum states that are normalized and draw their own samples"
    rows: ClassVar[tuple[int, ...]] = (88,)
    paper: ClassVar[str] = "Hibat-Allah et al. 2020, arXiv:2002.02973; Sharir et al. 2019, arXiv:1902.04057"
    claim: ClassVar[str] = "relative error of the energy at most 1e-3, never below; sum of |psi|^2 is 1 to 1e-6"
    guide: ClassVar[str] = "docs/ground_states.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"networks": ("gru",), "sizes": (8,), "heisenberg": 6, "steps": 100, "samples": 256,
                  "tolerance": 3e-3},
        "laptop": {},
        "paper": {"sizes": (12, 20, 80), "heisenberg": 20, "steps": 3000, "samples": 4096, "width": 64},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"heisenberg": 0, "signs": 0, "shift": 0}

    networks: tuple[str, ...] = ("dense", "gru", "transformer")
    """For the first of `sizes`: masked dense, GRU, transformer; the first GRU, else the first, for the other rings."""
    sizes: tuple[int, ...] = (12, 20)
    """Ising rings at their critical field."""
    heisenberg: int = 10
    """Heisenberg ring, its signs rotated away; 0: none."""
    signs: int = 0
    """Heisenberg ring whose signs a second network learns, as the angle of ψ; 0: none."""
    width: int = 16
    """Units of the GRU; half as many in the transformer, an eighth at each site of the dense network."""
    steps: int = 200
    """Steps of stochastic reconfiguration."""
    samples: int = 512
    """Independent samples in a step."""
    rate: float = 0.1
    """Step of imaginary time."""
    shift: float = 1e-2
    """Added to the diagonal of the kernel, which is known to single precision."""
    tolerance: float = 1e-3
    """Allowed relative error of an energy."""

    def network(self, kind: str, N: int) -> Callable[[Any], Any]:
        """The ansatz as a function of a random key."""
        made = {
            "dense": lambda key: MaskedDense(key=key, shape=(N,), hidden=max(1, self.width // 8)),
            "gru": lambda key: Recurrent(key=key, shape=(N,), hidden=self.width),
            "transformer": lambda key: CausalTransformer(key=key, shape=(N,), width=self.width // 2, heads=2),
        }
        if kind not in made:
            raise InputError(f"a network among {', '.join(made)}", repr(kind), "choose one of them")
        return made[kind]

    def cases(self) -> dict[str, Case]:
        """Every network on the smallest ring; one of them on all others."""
        best = "gru" if "gru" in self.networks else self.networks[0]
        kinds = [(N, kind) for N in self.sizes for kind in (self.networks if N == self.sizes[0] else (best,))]
        cases = {f"ising_{N}_{kind}": self.ising(N, kind) for N, kind in kinds}
        if self.heisenberg:
            cases[f"heisenberg_{self.heisenberg}_{best}"] = self.antiferromagnet(self.heisenberg, best, signs=False)
        if self.signs:
            cases[f"heisenberg_{self.signs}_{best}_signs"] = self.antiferromagnet(self.signs, best, signs=True)
        return cases

    def ising(self, N: int, kind: str) -> Case:
        """The ring at h = 1."""
        net = self.network(kind, N)
        state = lambda key: AutoregressiveState(net=net(key))  # noqa: E731
        hamiltonian = transverse_field_ising(hypercubic((N,)))
        return self.case(hamiltonian, state, free_fermions.ground_energy(N, 1.0), "free fermions")

    def antiferromagnet(self, N: int, kind: str, *, signs: bool) -> Case:
        """The ring in its sector of no magnetization."""
        hamiltonian, net = heisenberg(hypercubic((N,))), self.network(kind, N)
        conserved = tuple((tuple(sites), total) for sites, total in hamiltonian.space.conserved)

        def state(key):
            key_angle = jax.random.fold_in(key, 1)
            angle = RBM(key=key_angle, n_sites=N, alpha=2, dtype="float32", scale=1.0) if signs else None
            return AutoregressiveState(net=net(key), phase=angle, conserved=conserved)

        case = self.case(hamiltonian, state, bethe_ansatz.ground_energy(N), "Bethe ansatz")
        return case._replace(settings=case.settings | {"signs": "none" if signs else "auto"})

    def case(self, hamiltonian: Hamiltonian, state: Callable, exact: float, source: str) -> Case:
        """One Hamiltonian and one network, with the samples and steps of all cases."""
        return Case(hamiltonian, {
            "ansatz": state, "steps": self.steps, "samples": self.samples,
            "optimizer": StochasticReconfiguration(self.rate, self.shift), "exact": exact, "exact_source": source,
            "accuracy": self.tolerance, "lanczos_step": False,
        })  # fmt: skip

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One case after the other, and the sum of the probabilities of all states where they are few."""
        cases = self.cases()
        results = solve(approximate, key, cases, progress=progress, checkpoint=checkpoint)
        result = join(self.name, results, settings=asdict(self), figures=["ground_states"])
        for label, case in cases.items():
            if case.problem.space.size <= MOST:
                result.checks += labelled([normalization(result.models[label], case.problem.space)], label)
        return result


def normalization(psi: AbstractQuantumState, space: HilbertSpace) -> Check:
    """Σ_x |ψ(x)|² = 1 over all states of the space, to 1e-6."""
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    total = eqx.filter_jit(sum_of_probabilities)(psi, space.variables(n, float))
    return Check.within("Σ |ψ|² = 1 over all states", float(total), 1.0, 1e-6, source="normalization")


def sum_of_probabilities(psi: AbstractQuantumState, x: Float[Array, "states N"]) -> Float[Array, ""]:
    """Σ_x |ψ(x)|² over the given states."""
    return jnp.exp(2 * jnp.real(jax.vmap(psi.log_psi)(x))).sum()
