# SPDX-License-Identifier: Apache-2.0
"""Sample a system by a learned sampler: train it or load it, sample from it, make the samples exact."""

import time
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import nets, run, sampling
from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.sample_system import Observables, SampleSystem, Temperature
from isinglass.tasks.setting.method import TRAINING, Correction, is_learned, learned_methods, objectives
from isinglass.tasks.setting.temperature import check_temperature, parse_temperature
from isinglass.tasks.task import AbstractTask, Preset, Verb, described, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from isinglass.nets.density import AbstractGenerator
    from isinglass.sampling.learned import LearnedSampler
    from isinglass.systems.system import AbstractSystem
    from isinglass.tasks.outcome.correction import Corrected
    from isinglass.training.setting import Training

    Model = str | AbstractGenerator
    Samples = Result | np.ndarray | str | None
    Objective = str | Callable[..., Any] | None
    Schedule = Training | None
else:
    Model = Samples = Objective = Schedule = Any

__all__ = ["SampleByModel"]

FEWEST = 8  # proposals of a chain, of which an autocorrelation can be had


@dataclass(frozen=True)
class SampleByModel(AbstractTask):
    """A network that samples exp(-E / T) / Z at one temperature, trained from the energy or from samples.

    Law: corrected samples follow exp(-E / T) / Z whatever the network; those of `correct="none"` follow the network.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.system:AbstractSystem",)
    guide: ClassVar[str] = "docs/course/06_flows.py"
    what: ClassVar[str] = "a system"
    least: ClassVar[dict[str, float]] = {"warmup": 0}

    temperature: Temperature = setting(None, shown=tuple[str, ...], parse=parse_temperature)
    """One temperature, k_B = 1; by default the system's own."""
    method: Model = setting("flow", choices=learned_methods)
    """What is trained: flow, autoregressive or diffusion.  In Python also a network of your own; it is trained
    where an objective is named."""
    model: Path | None = None
    """Folder of the trained network: used if it is there, else trained and written."""
    correct: Correction = "metropolis"
    """What makes the samples exact: metropolis, weights or none."""
    preset: Preset = "laptop"
    """How long it is trained: smoke, laptop or paper."""
    samples: int = 200
    """Configurations to keep."""
    chains: int = 16
    """Chains of independence Metropolis."""
    thin: int = 4
    """Proposals for each configuration that is kept."""
    steps: int | None = None
    """Steps of training; by default those of the preset."""
    batch: int | None = None
    """Samples per step of training; by default those of the preset."""
    learning_rate: float | None = None
    """Learning rate of the training; by default that of the preset."""
    objective: Objective = setting(None, choices=objectives)
    """Objective of the training; by default one that fits the method.  In Python also a loss of your own."""
    training: Schedule = setting(None, also=TRAINING)
    """Optimizer, schedule and length of the training, in place of the preset's."""
    data: Samples = setting(None)
    """Samples to learn from: a result of sample, or an array; by default Markov chains, where they are needed."""
    draws: int | None = None
    """Samples of the network that are corrected; by default what samples, thin and warmup need, 8 a chain or more."""
    warmup: int = 0
    """Proposals of each chain before the first that counts."""
    chunk: int | None = None
    """Samples in memory at once; by default as many as fit."""
    observables: Observables = setting(None)
    """Name -> function of one configuration: its mean, error and effective samples."""
    reference: Samples = setting("chains")
    """Samples of exp(-E/T)/Z that detect a lost mode: a result of sample, an array [chains, draws, ...], or
    None; by default a few Markov chains."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the settings name a learned sampler."""
        return is_learned(settings)

    def run(
        self, key: Any, problem: "AbstractSystem", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Train or load, sample `samples` x `thin` proposals, make them exact, and diagnose them."""
        import jax

        from isinglass.tasks.outcome.correction import corrected
        from isinglass.tasks.outcome.observed import check_observables
        from isinglass.tasks.outcome.record import described_settings

        begun = time.perf_counter()
        check_observables(self.observables)
        if self.correct == "metropolis" and self.proposals // self.chains - self.warmup < FEWEST:
            found = f"{max(0, self.proposals // self.chains - self.warmup)}"
            raise InputError(
                f"{FEWEST} proposals or more of each chain", found, "raise draws, or lower chains or warmup"
            )
        temperature, at = self.at_temperature(problem)
        self.require_memory(problem)
        key_train, key_draw = jax.random.split(key)
        trained = self.trained(key_train, at, checkpoint, progress)
        sampling.learned.must_fit(trained.model, problem)
        progress(0, 1, f"sampling {self.proposals} proposals")
        found = corrected(key_draw, trained, at, self)
        result = Result(
            name="sample",
            estimates=found.estimates,
            checks=found.checks,
            arrays=self.table(found, at, temperature),
            models={"sampler": trained.model},
            settings={"system": described_settings(problem)} | self.described() | {"temperature": temperature},
            seconds=time.perf_counter() - begun,
            status=trained.status if trained.diverged else "done",
            figures=["samples"],
            metrics=rows_of(trained.history),
        )  # fmt: skip
        if trained.diverged:
            advice = "the last good weights were used; use a smaller learning rate"
            result.notes.append(f"training {trained.status}: {advice}")
            result.checks.append(Check("training stays finite", None, None, None, "fail"))
        return result

    def at_temperature(self, problem: "AbstractSystem") -> tuple[Any, "AbstractSystem"]:
        """The temperature, [1], and the system there.

        Errors: InputError for several temperatures.
        """
        import equinox as eqx
        import jax.numpy as jnp

        given = 1.0 / np.asarray(problem.beta, float) if self.temperature is None else self.temperature
        temperature = check_temperature(given)
        if len(temperature) > 1:
            raise InputError("one temperature for a learned sampler", f"{len(temperature)}", "run it once for each")
        return temperature, eqx.tree_at(lambda s: s.beta, problem, jnp.asarray(1.0 / temperature[0]))

    def require_memory(self, system: "AbstractSystem") -> None:
        """Errors: InputError where the proposals, or the samples of a step of training, do not fit."""
        for name, n in (("proposals", self.proposals), ("samples in a step", self.schedule().batch_size)):
            require_memory(name, 4 * prod(system.shape) * n, f"{n} of {prod(system.shape)} variables")

    def table(self, found: "Corrected", system: "AbstractSystem", temperature: Any) -> Any:
        """The samples and ln w of each proposal of the network, with the observables of both."""
        from isinglass.tasks.outcome.observed import by_temperature, columns
        from isinglass.tasks.outcome.record import to_arrays

        arrays = to_arrays(as_draws(system, found.x), temperature, self.samples, system).merge(found.proposals)
        if not self.observables:
            return arrays
        kept = {name: values[None] for name, values in found.values.items()}
        return arrays.merge(columns(kept, self.samples)).merge(by_temperature(kept))

    @property
    def proposals(self) -> int:
        """Number of samples of the network; for chains, a multiple of their number."""
        if self.draws is not None and self.correct == "weights":
            return self.draws
        if self.draws is not None:
            return self.chains * max(1, self.draws // self.chains)
        return self.chains * (self.warmup + max(FEWEST, self.thin * -(-self.samples // self.chains)))

    def described(self) -> dict[str, Any]:
        """The settings in words and plain numbers."""
        named = lambda value: value if value is None or isinstance(value, str) else type(value).__name__  # noqa: E731
        words = {name: named(getattr(self, name)) for name in ("method", "objective", "data", "reference", "training")}
        return vars(self) | words | {"observables": list(self.observables or ())}

    def schedule(self) -> "Training":
        """The schedule that is given, or that of the preset, with the named settings in its place."""
        training = self.training or sampling.learned.RECIPES[self.preset].training()
        steps, batch = self.steps or training.steps, self.batch or training.batch_size
        block = min(training.block, steps)
        optimizer = training.optimizer
        if self.learning_rate is not None:
            optimizer = replace(optimizer, learning_rate=self.learning_rate)
        return replace(training, optimizer=optimizer, steps=steps, batch_size=batch, block=block)

    def trained(
        self, key, system: "AbstractSystem", checkpoint: Path | None, progress: ProgressCallable
    ) -> "LearnedSampler":
        """The network that was given, or the saved one, or one trained now, and saved where a folder is named."""
        import jax

        from isinglass.tasks.outcome.correction import samples_of

        learned = sampling.learned
        if isinstance(self.method, nets.AbstractGenerator):
            learned.must_be_of(self.method, system)
            if self.objective is None:
                return learned.LearnedSampler(self.method, None, "given", 0.0)
        folder = None if self.model is None else Path(self.model)
        if folder is not None and folder.exists():
            model = run.load_model(folder)
            if not isinstance(model, nets.AbstractGenerator):
                raise InputError(f"a sampler in {folder}", described(model), "give the folder of a trained sampler")
            learned.must_be_of(model, system)
            return learned.LearnedSampler(model, None, "loaded", 0.0)
        data = self.data
        if data is None and learned.learns_from_data(self.method, system, self.objective):
            data = SampleSystem(samples=4096, chains=64).run(jax.random.fold_in(key, 7), system, progress=progress)
        rows = None if data is None else samples_of(data, system).rows
        made = learned.learn(
            key, system, self.method, self.schedule(), objective=self.objective, data=rows, checkpoint=checkpoint,
            progress=progress,
        )  # fmt: skip
        if folder is not None:
            run.save_model(folder, made.model)
        return made


def rows_of(history: Any) -> list[dict[str, float]]:
    """The history of the training, block by block; of a network that was not trained here there is none."""
    if history is None:
        return []
    table = {name: column.tolist() for name, column in history.columns().items()}
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def as_draws(system: "AbstractSystem", x: Any) -> Any:
    """[R, M] configurations with energies and order parameters, as a run of one temperature."""
    from isinglass.tasks.outcome.correction import measured

    energy, order = (values[None] for values in measured(system, x))
    diagnosis = sampling.diagnose(np.stack([energy, np.abs(order)]), energy.size, ("energy", "order_parameter"))
    unknown, rows = np.full(1, np.nan), np.asarray(x)[None]
    return sampling.Draws(rows, energy, order, None, None, 1, 1, x.shape[1], diagnosis, "done", unknown, np.nan)
