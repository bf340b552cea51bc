# SPDX-License-Identifier: Apache-2.0
"""Approximate the ground states of a line of Hamiltonians by one network, also between the couplings of training."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import approximation, nets, stats
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.outcome.evidence import enough
from isinglass.tasks.outcome.line import Energies, energy_checks, exact_energies, first_state
from isinglass.tasks.setting.ansatz import Ansatz, ansatz_words, name_of
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.approximation.variational.born_sampling import AbstractBornSampler
    from isinglass.approximation.variational.variational_monte_carlo import Optimized
    from isinglass.nets.wavefunction.foundation_state import FoundationState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine

    Lattice = tuple[int, ...] | None
    Couplings = tuple[float, ...] | None
else:
    Lattice = Couplings = Any

__all__ = ["ApproximateFamily"]

GROUPS = 16  # of samples, for the error of the susceptibility


@dataclass(frozen=True)
class ApproximateFamily(AbstractTask):
    """A foundation state: its parameters are polynomials of the coupling, trained at all couplings of the line at once.

        fields = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
        line = HamiltonianLine(transverse_field_ising(ring, 0), transverse_field_ising(ring, 1, J=0), fields)
        result = isinglass.approximate(0, line, ansatz="symmetric-rbm")

    It is evaluated between them as well: <H>, and the fidelity susceptibility along its own path.
    Law: no <H> below the ground state's energy.
    Ref: Rende et al. 2025, arXiv:2502.09488.
    Errors: InputError for an ansatz that does not fit the space, or couplings outside the line.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.quantum.hamiltonian_line:HamiltonianLine",)
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "a line of Hamiltonians"
    least: ClassVar[dict[str, float]] = {"degree": 0}

    ansatz: Ansatz = setting("rbm", choices=ansatz_words)
    """The neural state: a name, an untrained state, or a function key -> state."""
    one_network: bool = True
    """One network for all couplings; False: a state for each, carried from one to the next."""
    alpha: float | None = None
    """Width of the ansatz, where it is given by name."""
    lattice: Lattice = setting(None)
    """Sides of the torus that the sites fill in C order; by default a ring."""
    degree: int = 4
    """Degree of the polynomials; well below the number of couplings, or they oscillate."""
    steps: int = 500
    """Steps of stochastic reconfiguration."""
    samples: int = 256
    """Samples per step, for each coupling."""
    rate: float = 0.1
    """Initial step of imaginary time; it falls to zero as a cosine."""
    asked: Couplings = setting(None)
    """Couplings at which the network is evaluated; by default those of the line and the middles between them."""
    measured: int = 16384
    """Samples for each evaluated coupling."""
    exact: Energies = setting(None)
    """Coupling -> the exact energy; by default Lanczos, where the space is small."""
    exact_source: str = "Lanczos"
    """Source of the exact energy."""
    accuracy: float = 1e-3
    """Allowed relative error of an energy."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where `one_network` is True."""
        return settings.get("one_network", True) is not False

    def run(
        self, key: Any, problem: "HamiltonianLine", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Train once, evaluate at every coupling."""
        import jax

        begun, couplings = time.perf_counter(), self.questions(problem)
        key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
        exact = exact_energies(key_exact, problem, couplings, self.exact)
        run = self.trained(key_net, key_train, problem, progress, checkpoint)
        keys = jax.random.split(key_draw, len(couplings))
        answers = [self.answer(k, problem.at(g), g, run.psi) for k, g in zip(keys, couplings, strict=True)]
        estimates, held = {}, []
        for g, (energy, chi), known in zip(couplings, answers, exact, strict=True):
            name = problem.name(g)
            where = ", trained at" if is_trained(problem, g) else ", not trained at"
            estimates |= {f"{quantity}/{name}": value for quantity, value in energy.estimates().items()}
            estimates[f"fidelity_susceptibility/{name}"] = chi
            held += energy_checks(energy, known, self.accuracy, self.exact_source, name, where)
        finite = not run.status.startswith("diverged")
        return Result(
            "ground-states",
            estimates=estimates,
            checks=([] if finite else [Check("optimization stays finite", None, None, None, "fail")]) + held,
            arrays=rows(problem, couplings, answers, exact, run),
            models={"foundation": run.psi},
            settings={"fixed": str(problem.fixed.operator), "coupled": str(problem.coupled.operator),
                      "couplings": problem.couplings, "ansatz": name_of(self.ansatz), "degree": self.degree,
                      "steps": self.steps, "samples": self.samples},
            seconds=time.perf_counter() - begun,
            status="done" if finite else run.status,
            notes=([] if run.status == "step limit" else [run.status]) + self.traps(problem),
        )  # fmt: skip

    def traps(self, line: "HamiltonianLine") -> list[str]:
        """A note where there are as many coefficients as couplings: nothing fixes the polynomials between them."""
        if self.degree + 1 < len(line.couplings):
            return []
        n = len(line.couplings)
        return [f"polynomials of degree {self.degree} through {n} couplings may swing between them; lower the degree"]

    def questions(self, line: "HamiltonianLine") -> np.ndarray:
        """The couplings at which the network is evaluated.

        Errors: InputError for fewer than two couplings, or one outside the line.
        """
        g = line.couplings
        if len(g) < 2:
            raise InputError("two couplings or more for one network", f"{len(g)}", "approximate H(g) itself")
        between = np.insert(g, np.arange(1, len(g)), (g[1:] + g[:-1]) / 2)
        asked = between if self.asked is None else np.asarray(self.asked, float)
        if asked.min() < g[0] - 1e-12 or asked.max() > g[-1] + 1e-12:
            raise InputError(f"couplings between {g[0]:g} and {g[-1]:g}", f"{asked}", "train at wider ones")
        return asked

    def trained(
        self, key_net: Any, key: Any, line: "HamiltonianLine", progress: ProgressCallable, checkpoint: Path | None
    ) -> "Optimized":
        """The network that minimizes the mean of <H(g)> over the couplings."""
        import jax.numpy as jnp
        import optax

        inner = first_state(key_net, line, self.ansatz, self.alpha, self.lattice)
        low, high = line.couplings[[0, -1]]
        psi = nets.wavefunction.foundation_state.foundation_state(inner, low, high, self.degree)
        schedule = optax.cosine_decay_schedule(self.rate, self.steps)
        method = approximation.variational.foundation.FoundationMonteCarlo(
            line.fixed, line.coupled, jnp.asarray(line.couplings), self.chains(line.at(high), self.samples),
            approximation.variational.stochastic_reconfiguration.StochasticReconfiguration(schedule),
        )  # fmt: skip
        file = checkpoint and checkpoint / "foundation.safetensors"
        return approximation.optimize(key, method, psi, self.steps, checkpoint=file, progress=progress)

    def chains(self, hamiltonian: "Hamiltonian", samples: int) -> "AbstractBornSampler":
        """As many chains as samples, with the moves that fit the sector."""
        move = approximation.variational.markov_chain.move_for(hamiltonian)
        return approximation.variational.born_sampling.MarkovChains(move, samples, samples)

    def answer(self, key: Any, hamiltonian: "Hamiltonian", g: float, psi: "FoundationState") -> tuple[Any, Estimate]:
        """Energy and susceptibility at one coupling."""
        import jax.numpy as jnp

        sampler, at = self.chains(hamiltonian, self.measured // 8), jnp.asarray(g)
        precise = enough(key, hamiltonian, None, self.accuracy)
        energy = approximation.measure(key, hamiltonian, sampler, psi.at(at), enough=precise)
        return energy, susceptibility(key, hamiltonian, sampler, psi, at)


def is_trained(line: "HamiltonianLine", g: float) -> bool:
    """Whether a coupling is one of the line's."""
    return bool(np.isclose(line.couplings, g, rtol=0, atol=1e-12).any())


def susceptibility(
    key: Any, hamiltonian: "Hamiltonian", sampler: "AbstractBornSampler", psi: "FoundationState", g: Any
) -> Estimate:
    """The metric along the path of the network, its error from groups of samples."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    variational, space = approximation.variational, hamiltonian.space
    chains = variational.ensemble.ChainAverage(space=space, sampler=sampler, warm_up=8)
    n = eqx.filter_jit(variational.ensemble.sample)(key, chains, psi.at(g))[0].n.reshape(-1, space.n_sites)
    x = space.variables(n, float).reshape(GROUPS, -1, n.shape[-1])
    w = jnp.full(x.shape[1], 1 / x.shape[1])
    chi = variational.foundation.path_susceptibility
    each = eqx.filter_jit(lambda x: jax.lax.map(lambda x: chi(psi, g, x, w), x))(x)
    value, error = stats.resampling.mean_over_groups(each * x.shape[1] / (x.shape[1] - 1))
    return Estimate(float(value), float(error))


def rows(line: "HamiltonianLine", couplings: np.ndarray, answers: list[Any], exact: list[float | None], run: Any):
    """Energies and susceptibilities at each coupling, and the training."""
    import xarray as xr

    energy = np.array([[e.energy.value, e.energy.error] for e, _ in answers], float)
    chi = np.array([[c.value, c.error] for _, c in answers], float)
    columns = {
        "energy": energy[:, 0], "energy_error": energy[:, 1], "exact_energy": np.array(exact, float),
        "fidelity_susceptibility": chi[:, 0], "fidelity_susceptibility_error": chi[:, 1],
        "trained": np.array([is_trained(line, g) for g in couplings]),
    }  # fmt: skip
    history = np.asarray(run.history["energy"])
    return xr.Dataset(
        {name: ("coupling", values) for name, values in columns.items()} | {"energy_history": ("step", history)},
        coords={"coupling": couplings, "step": np.arange(1, len(history) + 1)},
    )
