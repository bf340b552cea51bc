# SPDX-License-Identifier: Apache-2.0
"""Sample a saved neural state again: its energy beside the stored one, and observables."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import approximation, checks, data, sampling
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.class_name import package_of
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.outcome.correlation import correlation_arrays, correlation_figures
from isinglass.tasks.outcome.evidence import moving
from isinglass.tasks.setting.ansatz import require_fit
from isinglass.tasks.setting.observable import Observables, ObservableTexts, observable_operators
from isinglass.tasks.setting.optimizer import Sampler, born_sampler, sampler_words
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.approximation.variational.born_sampling import AbstractBornSampler
    from isinglass.approximation.variational.energy import Energy
    from isinglass.data.saved_state import SavedState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["SampleState", "StateFile"]

SAMPLES, CHAINS = 1 << 14, 64
TAKEN = ("energy", "energy_variance", "v_score")
SMALL = 1 << 12  # states of a space that are summed


@dataclass(frozen=True)
class StateFile:
    """A neural state that `isinglass ground-state` saved."""

    run: str
    """A run directory, the NAME of one (ground-state: its latest run), or 'latest'."""
    allow: tuple[str, ...] = ()
    """Packages of your own whose classes may be loaded: the state of an ansatz of yours."""
    root: Path = Path("runs")
    """Where runs are kept."""

    def read(self) -> tuple["SavedState", dict[str, Any], dict[str, Any]]:
        """The state, and the run that it is of."""
        try:
            state = data.read_state(self.run, allow=self.allow, root=self.root)
        except InputError as error:
            if "allow=" not in error.fix:
                raise
            fix = f"if you trust that package, write allow='{package_of(error.found)}'"
            raise InputError(error.expected, error.found, fix) from None
        return state, {}, {"run": state.name}


@dataclass(frozen=True)
class SampleState(AbstractTask):
    """Samples n of |ψ(n)|² / Σ|ψ|² of a saved state, <H>, its variance, and observables <A> with errors.

        state = isinglass.data.read_state("runs/ground-state/...")
        result = isinglass.sample(0, state, observables={"zz": "Z(0) Z(1)"})

    It is the verb `sample`, for it draws from a distribution that is known; nothing is approximated, nothing inferred.
    Law: <H> and Var H are those that were stored, within 4 and 5 errors; the chains agree.
    A space of at most 2^12 states is summed, unless samples, chains or a sampler are given.
    Ref: Carleo and Troyer 2017, arXiv:1606.02318.
    Errors: InputError for an observable that is none in the space of the state.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.data.saved_state:SavedState",)
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "a saved state (isinglass.data.read_state(run))"
    command: ClassVar[str] = "evaluate"
    source: ClassVar[type] = StateFile

    observables: Observables = setting((), shown=ObservableTexts, called="observable")
    """NAME=TERMS, such as zz='Z(0) Z(1)'; repeat the flag for more.  In Python {name: operator or terms}."""
    samples: int | None = None
    """Samples in all; 16384 by default."""
    chains: int | None = None
    """Markov chains, of equal length; 64 by default.  As many samples as are kept are discarded."""
    sampler: Sampler = setting("auto", choices=sampler_words)
    """Markov chains that move by local (one site), exchange, hop (one particle), hamiltonian (as H moves), tempered;
    direct, of autoregressive states; full-sum, over all states; auto: what fits.  In Python also a move of your own."""
    sweep: int | None = None
    """Proposals between two samples of a chain; by default one for each site."""
    chunk: int | None = None
    """Samples whose local energies are taken at a time, where memory is short; by default all."""

    def run(
        self, key: Any, problem: "SavedState", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Draw, measure, compare with what was stored; `checkpoint` is not used."""
        begun, H = time.perf_counter(), problem.hamiltonian
        operators = observable_operators(self.observables, H.space, TAKEN)
        if problem.has_rule:
            turn = lambda A: approximation.variational.marshall.rotated(A, problem.rule)  # noqa: E731
            H, operators = turn(H), {name: turn(A) for name, A in operators.items()}
        require_fit(problem.phi, H)
        sampler, rounds = self.drawn_by(H, problem.phi)
        progress(0, 1, "samples of the state")
        found = approximation.measure(key, H, sampler, problem.phi, rounds=rounds, chunk=self.chunk)
        series = approximation.variational.energy.local_values(operators, problem.phi, found.n, self.chunk)
        mean = lambda a: approximation.variational.energy.averaged(a, found.weights)[0]  # noqa: E731
        progress(1, 1, "samples of the state")
        estimates = {"energy": found.energy, "energy_variance": found.variance, "v_score": Estimate(found.v_score)}
        pairs = correlation_arrays(problem.hamiltonian, found, problem.lattice)
        return Result(
            "evaluate",
            estimates=estimates | {name: mean(a) for name, a in series.items()},
            checks=[*as_stored(problem, found), *chains_tell(found, series)],
            arrays=configurations(found).merge(pairs),
            settings={"hamiltonian": str(problem.hamiltonian.operator), "run": problem.name,
                      "samples": found.local.size, "chains": len(found.local) if found.weights is None else 0},
            seconds=time.perf_counter() - begun,
            notes=[how(found)],
            figures=correlation_figures(pairs),
        )  # fmt: skip

    def drawn_by(self, hamiltonian: "Hamiltonian", psi: Any) -> "tuple[AbstractBornSampler, int]":
        """The sampler, and how many times it draws.

        Errors: InputError for a sampler that does not fit.
        """
        word, methods = born_sampler("sampler", self.sampler), approximation.variational
        if isinstance(word, methods.born_sampling.AbstractBornSampler):
            return word, 8
        free = word == "auto" and all(one is None for one in (self.samples, self.chains, self.sweep))
        word = "full-sum" if free and hamiltonian.space.size <= SMALL else word
        samples = SAMPLES if self.samples is None else self.samples
        many = min(CHAINS if self.chains is None else self.chains, samples)
        chains = None if self.chains is None else many
        make = methods.ground_state.sampler_for
        return make(hamiltonian, psi, many, word, chains=chains, sweep=self.sweep), -(-samples // many)


def as_stored(state: "SavedState", found: "Energy") -> list[Check]:
    """<H> within 4 errors of the stored one; Var H within 5 and a half of itself, for its law has long tails.

    1e-9 of the energy is round-off.  False alarm: 6e-5 for normal errors.  Resolution: an energy 7 errors apart, twice
    the variance.
    """
    scale = checks.energy_scale(found.energy.value, found.infinite)
    energy = beside(found.energy, state.energy, 4, 1e-9 * scale, "<H> is the energy that was stored", "energy")
    slack = 0.5 * abs(state.variance.value) + 1e-9 * scale**2
    law = "Var H is the variance that was stored"
    return [energy, beside(found.variance, state.variance, 5, slack, law, "energy_variance")]


def beside(new: Estimate, old: Estimate, errors: float, slack: float, law: str, of: str) -> Check:
    """Agreement within some errors of both and `slack`; unknown where nothing finite was stored."""
    error = math.hypot(new.error or 0.0, old.error or 0.0)
    if not math.isfinite(old.value):
        return Check(law, new.value, None, None, "unknown", error, "the run", of)
    return Check.within(law, new.value, old.value, errors * error + slack, error=error, source="the run", of=of)


def chains_tell(found: "Energy", series: dict[str, np.ndarray]) -> list[Check]:
    """Finite numbers; chains that move and agree in the energy and in every observable."""
    names, summed = ["energy", *series], found.weights is not None
    values = np.stack([found.local, *(np.real(a) for a in series.values())])[:, None]
    finite = np.asarray(np.isfinite(values).all(axis=(2, 3)))
    if summed or not finite.all():
        return [checks.finite_draws(names, finite, configurations=True)]
    told = sampling.ensemble.diagnosis.diagnose(values, found.local.size, names)
    r_hat = np.where(told.rare[:, 0], 1.0, told.each_r_hat[:, 0])  # what hardly ever changes is not judged
    agree = checks.variational.chains_agree(names, r_hat, found.local.shape[1])
    return [checks.finite_draws(names, finite, configurations=True), *moving(found), agree]


def how(found: "Energy") -> str:
    """What the averages are over, in a sentence."""
    R, D = found.local.shape
    if found.weights is not None:
        return f"sums over all {R:,} states, without noise"
    return f"{R:,} chains of {D:,} samples, after as many that are not used; {found.acceptance:.0%} of moves accepted"


def configurations(found: "Energy") -> "xr.Dataset":
    """The samples n, one a row, with their chains; of a sum all states, with their probabilities."""
    import xarray as xr

    R, D, N = found.n.shape
    arrays = {"configurations": (("sample", "site"), np.asarray(found.n, np.int8).reshape(R * D, N))}
    chain = np.repeat(np.arange(R), D)
    more = ("chain", chain) if found.weights is None else ("probability", np.asarray(found.weights))
    return xr.Dataset(arrays | {more[0]: (("sample",), more[1])})
