# SPDX-License-Identifier: Apache-2.0
"""Approximate the ground state of a Hamiltonian by a neural state; its energy is never below the exact one."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from isinglass import approximation, data
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.outcome.correlation import correlation_arrays, correlation_figures
from isinglass.tasks.outcome.evidence import beside_exact, by_itself, doubts, enough, in_sectors, moving
from isinglass.tasks.setting.ansatz import Ansatz, ansatz_words, name_of, untrained
from isinglass.tasks.setting.observable import Observables, ObservableTexts, observable_operators
from isinglass.tasks.setting.optimizer import (
    Optimizer,
    Sampler,
    born_sampler,
    optimizer_words,
    sampler_words,
    update_rule,
)
from isinglass.tasks.task import AbstractTask, Preset, Verb, described, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from isinglass.approximation.variational.ansatz import Choice
    from isinglass.approximation.variational.born_sampling import AbstractBornSampler
    from isinglass.approximation.variational.energy import Energy
    from isinglass.approximation.variational.ground_state import GroundStateRecipe, Setup
    from isinglass.approximation.variational.lanczos_step import LanczosStep
    from isinglass.approximation.variational.variational_monte_carlo import Optimized, VariationalMonteCarlo, Watch
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian import Hamiltonian
    from isinglass.systems.quantum.quantum_numbers import QuantumNumbers

    Numbers = QuantumNumbers | None
    Lattice = tuple[int, ...] | None
    Measuring = AbstractBornSampler | None
    Signs = Hamiltonian | Literal["auto", "none"]
    Callback = Callable[[int, dict[str, Estimate]], bool | None] | None
else:
    Numbers = Lattice = Measuring = Signs = Callback = Any

TAKEN = ("step", "energy", "energy_variance", "ground_state_energy", "ground_state_energy/exact",
         "ground_state_energy/one_lanczos_step", "ground_state_energy/at_zero_variance", "v_score")  # fmt: skip

__all__ = ["ApproximateGroundState", "HamiltonianFile"]


@dataclass(frozen=True)
class HamiltonianFile:
    """A Hamiltonian of your own, in a TOML file: kind, sites or [lattice], terms, bond, site."""

    file: Path
    """A .toml file; docs/hamiltonian.md lists its entries."""

    def read(self) -> tuple["Hamiltonian", dict[str, Any], dict[str, Any]]:
        """The Hamiltonian, its lattice and quantum numbers, and its terms, for the record."""
        hamiltonian, settings = data.read_hamiltonian(self.file).unpacked()
        return hamiltonian, settings, {"hamiltonian": str(hamiltonian.operator)}


@dataclass(frozen=True)
class ApproximateGroundState(AbstractTask):
    """Variational Monte Carlo: stochastic reconfiguration, a measurement, one Lanczos step, and checks of the energy.

    Where the space has at most 2^16 states, or `exact` is given, the relative error is checked.  Otherwise V-score, end
    of the optimization, a second run with a quarter of the samples and the Lanczos step must all show the accuracy.
    Ref: Carleo and Troyer 2017, arXiv:1606.02318.
    Errors: InputError for an ansatz that does not fit the space.
    """

    verb: ClassVar[Verb] = "approximate"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.systems.quantum.hamiltonian:Hamiltonian", "isinglass.data.hamiltonian:QuantumProblem",
    )  # fmt: skip
    guide: ClassVar[str] = "docs/ground_states.md"
    what: ClassVar[str] = "a Hamiltonian"
    least: ClassVar[dict[str, float]] = {"tolerance": 0, "shift": 0, "exact": float("-inf"), "steps": 0}
    command: ClassVar[str] = "ground-state"
    source: ClassVar[type] = HamiltonianFile

    ansatz: Ansatz = setting("auto", choices=ansatz_words)
    """The neural state; auto: one that fits H, which is named; exact: diagonalization.  In Python also a state of your
    own, untrained, or key -> state."""
    lattice: Lattice = setting(None)
    """Sides of the torus that the sites fill in C order, for ansaetze that know it; by default a ring."""
    numbers: Numbers = setting(None)
    """Quantum numbers of the state: the lowest that has them, by projection of the neural state."""
    preset: Preset = "laptop"
    """smoke: a quick look; laptop: a minute; paper: wider, longer."""
    alpha: float | None = None
    """Width: hidden units per site, filters, features or bond dimension in units of the usual one."""
    steps: int | None = None
    """Steps of optimization; 0: measure a state of your own as it is."""
    samples: int | None = None
    """Samples per step."""
    tolerance: float | None = None
    """Stop when the energy falls by less than this fraction of |E - tr H / dim| in 50 steps, twice in a row."""
    rate: float | None = None
    """Initial step of imaginary time; it falls to zero as a cosine.  By default one that fits the scale of H."""
    shift: float | None = None
    """Added to the diagonal of the matrix of stochastic reconfiguration; 0.001 by default."""
    optimizer: Optimizer = setting("auto", choices=optimizer_words)
    """Natural gradients: sr (stochastic reconfiguration), minsr (the same, solved over samples), spring (with
    momentum), heavy-ball (with inertia, for full-sum); plain ones: adam, sgd; auto: spring, or heavy-ball.  In Python
    also a transformation of optax."""
    sampler: Sampler = setting("auto", choices=sampler_words)
    """Markov chains that move by local (one site), exchange, hop (one particle), hamiltonian (as H moves), tempered;
    direct, of autoregressive states; full-sum, over all states; auto: what fits.  In Python also a move of your own."""
    chains: int | None = None
    """Markov chains; they must divide the samples; by default one for each sample."""
    sweep: int | None = None
    """Proposals between two samples of a chain; by default one for each site."""
    observables: Observables = setting((), shown=ObservableTexts, called="observable")
    """NAME=TERMS, such as zz='Z(0) Z(1)', measured with its error in the state at the end and on the way; repeat the
    flag for more.  In Python {name: operator or terms}."""
    every: int = 50
    """Steps between two rows of metrics.csv where there are observables, and between two calls of the callback."""
    callback: Callback = setting(None, identity=False)
    """callback(step, {name: Estimate}) after each `every` steps; the run ends where it returns True.  It may remember:
    a stopped run goes on with any callback."""
    chunk: int | None = None
    """Samples whose local energies and derivatives are taken at a time, where memory is short; by default all."""
    exact: float | None = None
    """The exact energy, if it is known; by default that of Lanczos, where the space is small."""
    exact_source: str = "Lanczos"
    """Source of the exact energy."""
    accuracy: float | None = None
    """The relative error that is stated, beside |E_0| or E_0 - tr H / dim; by default 1e-3, smoke: 1e-2."""
    signs: Signs = setting("auto", choices=lambda: ["auto", "none"])
    """Signs rotated away first; auto: those of a rule of H, if there is one.  In Python also H of another rule."""
    measured_by: Measuring = setting(None)
    """The sampler that measures at the end, where it is another than that of the steps."""
    lanczos_step: bool = setting(True)  # noqa: FBT003
    """Whether one Lanczos step follows."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Any ansatz but exact diagonalization."""
        ansatz = settings.get("ansatz")
        return not (isinstance(ansatz, str) and ansatz == "exact")

    def run(
        self, key: Any, problem: "Hamiltonian", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Optimize, measure, take a Lanczos step, compare."""
        import jax

        begun, recipe = time.perf_counter(), self.recipe()
        key_net, key_train, key_draw, key_exact = jax.random.split(key, 4)
        setup, seen = self.prepared(problem), self.operators(problem)
        choice, exact = self.choice(setup), self.exact_energy(key_exact, problem)
        vmc, psi = self.method(key_net, problem, recipe)
        run = approximation.variational.ground_state.optimized(
            key_train, vmc, psi, recipe, every=self.every, watch=self.watch(seen),
            checkpoint=checkpoint and checkpoint / "ground_state.safetensors", progress=progress,
        )  # fmt: skip
        found, step = self.measured(key_draw, vmc, run, exact, recipe.accuracy)
        values = approximation.variational.energy.expected_values(seen, run.psi, found.n, found.weights, self.chunk)
        finite = not run.status.startswith("diverged")
        known = {} if exact is None or self.exact is not None else {"ground_state_energy/exact": Estimate(exact)}
        held, notes = self.judged(jax.random.fold_in(key, 1), problem, recipe, run, found, step, exact)
        pairs = correlation_arrays(problem, found, self.lattice)
        return Result(
            "ground-state",
            estimates=found.estimates() | ({} if step is None else step.estimates(found.energy)) | known | values,
            checks=([] if finite else [Check("optimization stays finite", None, None, None, "fail")]) + held,
            arrays=approximation.variational.ground_state.history(run.history, exact).merge(pairs),
            models={"state": run.psi},
            settings=self.record(problem, recipe, run.psi, choice, setup),
            seconds=time.perf_counter() - begun,
            status="done" if finite else run.status,
            notes=[self.about(run.psi, choice)] + ([] if run.status == "step limit" else [run.status]) + notes,
            metrics=run.seen,
            figures=["variational_energy", *correlation_figures(pairs)],
        )  # fmt: skip

    def record(
        self, problem: "Hamiltonian", recipe: "GroundStateRecipe", psi: Any, choice: "Choice | None", setup: "Setup"
    ) -> dict[str, Any]:
        """The settings that the numbers are of, and what `isinglass evaluate` needs."""
        return {
            "hamiltonian": str(problem.operator), "space": data.saved_state.space_record(problem.space, setup.rule),
            "lattice": self.lattice, "ansatz": choice.word if choice else name_of(self.ansatz), "preset": self.preset,
            **recipe._asdict(), "alpha": self.width(recipe, choice), "parameters": parameters_of(psi),
            "optimizer": name_of(self.optimizer or "auto"), "sampler": name_of(self.sampler or "auto"),
        }  # fmt: skip

    def about(self, psi: Any, choice: "Choice | None") -> str:
        """The ansatz and its number of parameters in a sentence."""
        word, why = (choice.word, f", for {choice.why}") if choice else (name_of(self.ansatz), "")
        count = parameters_of(psi)
        return f"ansatz {word}{why}: {count:,} parameter{'s' * (count != 1)}"

    def operators(self, problem: "Hamiltonian") -> "dict[str, Hamiltonian]":
        """The observables, their signs rotated away as those of H are.

        Errors: InputError or ValueError for one that is none in the space of H; for a callback that cannot be called.
        """
        if not (self.callback is None or callable(self.callback)):
            raise InputError("callback(step, {name: Estimate}), a function", described(self.callback), "leave it out")
        given, rule = observable_operators(self.observables, problem.space, TAKEN), self.prepared(problem).rule
        if rule is None:
            return given
        return {name: approximation.variational.marshall.rotated(A, rule) for name, A in given.items()}

    def watch(self, operators: "dict[str, Hamiltonian]") -> "Watch | None":
        """What is looked at on the way; nothing where nobody asks."""
        if not operators and self.callback is None:
            return None
        return approximation.variational.variational_monte_carlo.Watch(operators, self.callback)

    def recipe(self) -> "GroundStateRecipe":
        """The recipe of the preset, with the settings that are given in its place.

        Errors: InputError for no steps of a state that is known by its name, and so untrained.
        """
        if self.steps is not None and (self.steps < 0 or (self.steps == 0 and isinstance(self.ansatz, str))):
            expected = "steps above 0; 0 with a state of your own, to measure it"
            raise InputError(expected, f"{self.steps} with {name_of(self.ansatz)}", "choose another number")
        given = {name: getattr(self, name) for name in ("steps", "samples", "alpha", "tolerance", "accuracy")}
        recipe = approximation.variational.ground_state.RECIPES[self.preset]
        return recipe._replace(**{name: value for name, value in given.items() if value is not None})

    def exact_energy(self, key: Any, hamiltonian: "Hamiltonian") -> float | None:
        """The exact energy that is given, or that of Lanczos where the space is small."""
        if self.exact is not None:
            return self.exact
        return approximation.variational.ground_state.exact_energy(key, hamiltonian, self.numbers)

    def method(
        self, key: Any, problem: "Hamiltonian", recipe: "GroundStateRecipe"
    ) -> "tuple[VariationalMonteCarlo, AbstractQuantumState]":
        """How the untrained state is optimized, and that state."""
        methods = approximation.variational
        rule, sampler = update_rule(self.optimizer, self.rate, self.shift), born_sampler("sampler", self.sampler)
        if not (self.measured_by is None or isinstance(self.measured_by, methods.born_sampling.AbstractBornSampler)):
            found = described(self.measured_by)
            raise InputError("for measured_by an AbstractBornSampler", found, "derive it from that class")
        setup = self.prepared(problem)
        (hamiltonian, stoquastic, numbers, _), choice = setup, self.choice(setup)
        psi = untrained(
            key, choice.word if choice else self.ansatz, hamiltonian, self.alpha, usual=self.width(recipe, choice),
            stoquastic=stoquastic, lattice=self.lattice, **({"scale": choice.scale} if choice else {}),
        )  # fmt: skip
        if numbers is not None:
            psi = methods.ground_state.projected(key, psi, hamiltonian.space, numbers)
        vmc = methods.ground_state.method_for(
            hamiltonian, psi, recipe.samples, recipe.steps, rate=self.rate, shift=self.shift, sampler=sampler,
            optimizer=rule, chunk=self.chunk, summed=choice is not None and choice.summed, chains=self.chains,
            sweep=self.sweep,
        )  # fmt: skip
        return vmc, psi

    def width(self, recipe: "GroundStateRecipe", choice: "Choice | None") -> float:
        """α: what is given, or that of the preset, times that of the choice."""
        return recipe.alpha if choice is None or self.alpha is not None else recipe.alpha * choice.alpha

    def prepared(self, problem: "Hamiltonian") -> "Setup":
        """H with its signs rotated away, as far as `signs` and `numbers` let it."""
        return approximation.variational.ground_state.prepared(problem, self.numbers, self.signs)

    def choice(self, setup: "Setup") -> "Choice | None":
        """What auto stands for; with sums over all states unless samples or a sampler are given."""
        if not (isinstance(self.ansatz, str) and self.ansatz == "auto"):
            return None
        chosen = (self.samples, self.chains, self.sweep, None if self.sampler in ("auto", "full-sum") else self.sampler)
        free = all(one is None for one in chosen) and setup.numbers is None
        return approximation.variational.ansatz.chosen(setup.hamiltonian, stoquastic=setup.stoquastic, free=free)

    def measured(
        self, key: Any, vmc: "VariationalMonteCarlo", run: "Optimized", exact: float | None, accuracy: float
    ) -> "tuple[Energy, LanczosStep | None]":
        """<H> with its variance, until the accuracy can be told, and one Lanczos step."""
        import jax

        sampler, memory = (vmc.sampler, run.samples) if self.measured_by is None else (self.measured_by, None)
        precise = enough(key, vmc.hamiltonian, exact, accuracy)
        found = approximation.measure(key, vmc.hamiltonian, sampler, run.psi, memory, chunk=vmc.chunk, enough=precise)
        if not self.lanczos_step:
            return found, None
        step = approximation.variational.lanczos_step.lanczos_step(
            jax.random.fold_in(key, 1), vmc.hamiltonian, vmc.sampler, psi=run.psi, memory=run.samples,
            center=found.energy.value,
        )  # fmt: skip
        return found, step

    def judged(
        self, key: Any, problem: "Hamiltonian", recipe: "GroundStateRecipe", run: "Optimized", found: "Energy",
        step: "LanczosStep | None", exact: float | None,
    ) -> tuple[list[Check], list[str]]:  # fmt: skip
        """What shows or refutes the stated accuracy, and notes: the sector of H, and why it is not shown."""
        sectors = in_sectors(problem, found, recipe.accuracy)
        if exact is None:
            other = self.another_run(key, problem, recipe)
            held = by_itself(found, step, other, run.history["energy"], recipe.accuracy)
        else:
            held = beside_exact(found, step, exact, recipe.accuracy, self.exact_source)
        held = [*held, *moving(found), *sectors.checks]
        return held, sectors.notes + doubts(step, found, held)

    def another_run(self, key: Any, problem: "Hamiltonian", recipe: "GroundStateRecipe") -> "Energy | None":
        """The energy of a run from another seed with a quarter of the samples; None where nothing is optimized."""
        import jax

        if not recipe.steps:
            return None
        keys = jax.random.split(key, 3)
        vmc, psi = self.method(keys[0], problem, recipe._replace(samples=max(64, recipe.samples // 4)))
        run = approximation.variational.ground_state.optimized(keys[1], vmc, psi, recipe)
        precise = enough(keys[2], vmc.hamiltonian, None, recipe.accuracy)
        return approximation.measure(
            keys[2], vmc.hamiltonian, vmc.sampler, run.psi, run.samples, chunk=vmc.chunk, enough=precise
        )


def parameters_of(psi: Any) -> int:
    """How many numbers are trained; a complex one counts once."""
    import equinox as eqx
    import jax

    return sum(leaf.size for leaf in jax.tree.leaves(eqx.filter(psi, eqx.is_inexact_array)))
