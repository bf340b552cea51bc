# SPDX-License-Identifier: Apache-2.0
"""Sample a system by a learned sampler: train it or load it, draw from it, make the samples exact."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass import checks, nets, run, sampling
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.method import is_learned, learned_methods
from isinglass.tasks.sample_system import SampleSystem, Temperature
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting
from isinglass.tasks.temperature import check_temperature, parse_temperature

if TYPE_CHECKING:
    from isinglass.nets.density import AbstractDensity, AbstractGenerator
    from isinglass.sampling.learned import LearnedSampler, TrainingRecipe
    from isinglass.systems.system import AbstractSystem

    Model = str | AbstractGenerator
else:
    Model = Any

__all__ = ["SampleByModel"]

Correction = Literal["metropolis", "weights", "none"]
Corrected = tuple[Any, dict[str, Estimate], list[Check]]


@dataclass(frozen=True)
class SampleByModel(AbstractTask):
    """A network that draws from exp(-E / T) / Z at one temperature, trained from the energy or from samples.

    Law: corrected samples follow exp(-E / T) / Z whatever the network; those of `correct="none"` follow the network.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.system:AbstractSystem",)
    what: ClassVar[str] = "a system"

    temperature: Temperature = setting(None, shown=tuple[str, ...], parse=parse_temperature)
    """One temperature, k_B = 1; by default the system's own."""
    method: Model = setting("flow", choices=learned_methods)
    """What is trained: flow, autoregressive or diffusion.  In Python also a network of your own, trained."""
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
    """Samples in a step of training; by default those of the preset."""
    learning_rate: float | None = None
    """Of the training; by default that of the preset."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where a learned sampler is asked for."""
        return is_learned(settings)

    def run(
        self, key: Any, problem: "AbstractSystem", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Train or load, draw `samples` x `thin` proposals, make them exact, and say what they are worth."""
        import equinox as eqx
        import jax
        import jax.numpy as jnp

        from isinglass.tasks.record import described_settings, to_arrays

        begun = time.perf_counter()
        given = 1.0 / np.asarray(problem.beta, float) if self.temperature is None else self.temperature
        temperature = check_temperature(given)
        if len(temperature) > 1:
            raise InputError("one temperature for a learned sampler", f"{len(temperature)}", "run it once for each")
        at = eqx.tree_at(lambda s: s.beta, problem, jnp.asarray(1.0 / temperature[0]))
        key_train, key_draw = jax.random.split(key)
        trained = self.trained(key_train, at, checkpoint, progress)
        sampling.learned.must_fit(trained.model, problem)
        progress(0, 1, f"drawing {self.samples} x {self.thin} times")
        x, estimates, found = self.drawn(key_draw, trained, at)
        method = self.method if isinstance(self.method, str) else type(self.method).__name__
        result = Result(
            name="sample",
            estimates=estimates,
            checks=found,
            arrays=to_arrays(as_draws(at, x), temperature, self.samples, problem),
            models={"sampler": trained.model},
            settings={"system": described_settings(problem)} | vars(self)
            | {"temperature": temperature, "method": method},
            seconds=time.perf_counter() - begun,
            status=trained.status if trained.diverged else "done",
            figures=["samples"],
        )  # fmt: skip
        if trained.diverged:
            advice = "the last good weights were used; use a smaller learning rate"
            result.notes.append(f"training {trained.status}: {advice}")
            result.checks.append(Check("training stays finite", None, None, None, "fail"))
        return result

    def recipe(self) -> "TrainingRecipe":
        """The preset's, with what is given in its place."""
        given = {"steps": self.steps, "batch": self.batch, "learning_rate": self.learning_rate}
        return sampling.learned.RECIPES[self.preset]._replace(
            **{name: value for name, value in given.items() if value is not None}
        )

    def trained(
        self, key, system: "AbstractSystem", checkpoint: Path | None, progress: ProgressCallable
    ) -> "LearnedSampler":
        """The network that was given, or the saved one, or one trained now, and saved where a folder is named."""
        import jax

        learned = sampling.learned
        if isinstance(self.method, nets.AbstractGenerator):
            return learned.LearnedSampler(self.method, None, "given", 0.0)
        folder = None if self.model is None else Path(self.model)
        if folder is not None and folder.exists():
            return learned.LearnedSampler(run.load_model(folder), None, "loaded", 0.0)
        data = None
        if learned.learns_from_data(self.method, system):
            chains = SampleSystem(samples=4096, chains=64).run(jax.random.fold_in(key, 7), system, progress=progress)
            data = chains.arrays["configurations"].to_numpy()
        made = learned.learn(
            key, system, self.method, self.recipe(), data=data, checkpoint=checkpoint, progress=progress
        )
        if folder is not None:
            run.save_model(folder, made.model)
        return made

    def drawn(self, key, trained: "LearnedSampler", system: "AbstractSystem") -> Corrected:
        """Samples [R, M], made exact by Metropolis or by weights (then resampled to equal ones); verdict and traps."""
        import jax

        model = trained.model
        if self.correct == "none":
            return uncorrected(key, trained, self.samples)
        if not isinstance(model, nets.AbstractDensity):
            raise InputError("a sampler that knows its density", type(model).__name__, "use correct='none'")
        key_draw, key_accept, key_target = jax.random.split(key, 3)
        begun = time.perf_counter()
        n = self.chains * self.thin * -(-self.samples // self.chains)
        weighted = sampling.importance_sample(key_draw, model, system, n)
        cost = sampling.Cost(time.perf_counter() - begun, trained.seconds)
        x, estimates = (self.by_weights if self.correct == "weights" else self.by_metropolis)(
            key_accept, weighted, system, cost
        )
        found = [checks.target_finite(weighted.log_weight), checks.light_weights(weighted.log_weight)]
        if found[0].verdict == "pass":  # else no Monte Carlo can tell what is lost
            found.append(checks.modes_kept(weighted.log_weight, weights_of_target(key_target, model, system)))
        return x, estimates, found

    def by_weights(self, key, weighted: Any, system: "AbstractSystem", cost: Any) -> tuple[Any, dict[str, Estimate]]:
        """Resampled in proportion to their weights."""
        x = weighted.x[sampling.resample(key, weighted, self.samples)][None]
        return x, sampling.weighted_verdict(weighted, cost)

    def by_metropolis(self, key, weighted: Any, system: "AbstractSystem", cost: Any) -> tuple[Any, dict[str, Estimate]]:
        """As proposals of independence Metropolis."""
        walked = sampling.metropolize(key, weighted, self.chains)
        each = walked.accepted.mean(axis=1)
        rate = Estimate(float(each.mean()), float(each.std(ddof=1) / len(each) ** 0.5))
        energy, order = measured(system, walked.x)
        series = {"energy": energy, "order_parameter": order}
        log_z = sampling.log_partition_function(weighted)
        verdict = sampling.chain_verdict(series, cost, acceptance=rate, log_z=log_z)
        return walked.x[:, self.thin - 1 :: self.thin], verdict


def uncorrected(key, trained: "LearnedSampler", samples: int) -> Corrected:
    """Samples of the network as they are: of its own law, not of the system's."""
    begun = time.perf_counter()
    x = np.asarray(trained.model.sample(key, samples))[None]
    seconds = {"sampling_seconds": time.perf_counter() - begun, "training_seconds": trained.seconds}
    law = "draws follow exp(-E/T)/Z (they follow the model; correct them to be sure)"
    return x, {name: Estimate(s, unit="s") for name, s in seconds.items()}, [Check(law, None, None, None, "unknown")]


def as_draws(system: "AbstractSystem", x: Any) -> Any:
    """[R, M] configurations with energies and order parameters, as a run of one temperature."""
    energy, order = (values[None] for values in measured(system, x))
    diagnosis = sampling.diagnose(energy, order, energy.size)
    unknown = np.full(1, np.nan)
    return sampling.Draws(np.asarray(x)[None], energy, order, 1, 1, x.shape[1], diagnosis, "done", unknown, np.nan)


def weights_of_target(key, model: "AbstractDensity", system: "AbstractSystem") -> Any:
    """ln w [R, M] at samples of the target itself, a few from each of 64 Markov chains with scattered starts."""
    import jax
    import jax.numpy as jnp

    chains = SampleSystem(samples=256, chains=64, start="random", effective_samples=None)
    arrays = chains.run(key, system).arrays
    x, chain = arrays["configurations"].to_numpy(), arrays["chain"].to_numpy()
    number = nets.number_type(model)

    def log_weight(x):
        log_q = model.log_prob(x.astype(number) if system.variable.continuous else x)
        return sampling.log_target(system, x) - log_q.astype(float)

    values = np.asarray(jax.jit(lambda x: jax.lax.map(log_weight, x, batch_size=256))(jnp.asarray(x)), float)
    return np.stack([values[chain == c] for c in np.unique(chain)])


def measured(system: "AbstractSystem", x: Any) -> tuple[Any, Any]:
    """E and order parameter of [R, M] configurations, in double precision."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    wide = sampling.wide
    unit = eqx.tree_at(lambda s: s.beta, system, jnp.ones(()))
    both = lambda x: (unit.energy(wide(x)), unit.order_parameter(wide(x)))  # noqa: E731
    rows = jnp.asarray(x).reshape(-1, *x.shape[2:])
    E, m = jax.jit(lambda rows: jax.lax.map(both, rows, batch_size=1024))(rows)
    return np.asarray(E).reshape(x.shape[:2]), np.asarray(m).reshape(x.shape[:2])
