# SPDX-License-Identifier: Apache-2.0
"""The tasks of the sbi benchmark: posteriors by simulation alone, beside exact ones, with published accuracies."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import numpy as np
import xarray as xr

from isinglass.checks.learning.two_samples import c2st
from isinglass.errors import InputError
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.inference.posterior.neural_posterior import drawn
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import simulator as simulators
from isinglass.tasks.cases import labelled
from isinglass.verbs import infer

__all__ = ["PUBLISHED", "SbiBenchmark"]

SOURCE = "mean of ten observations, Lueckmann et al. 2021, arXiv:2101.04653"
BUDGETS = (1000, 10_000, 100_000)
WALKERS = 16_000  # of sequential Monte Carlo, where the exact posterior has no sampler


class Published(NamedTuple):
    """C2ST of posterior estimation with 10³, 10⁴ and 10⁵ simulations: in one round, and in ten."""

    simulator: str
    npe: tuple[float, float, float]
    snpe: tuple[float, float, float]


PUBLISHED = {
    "two_moons": Published("TwoMoons", (0.725, 0.606, 0.542), (0.643, 0.554, 0.530)),
    "gaussian_linear": Published("GaussianLinear", (0.694, 0.552, 0.506), (0.652, 0.544, 0.507)),
    "gaussian_linear_uniform": Published("GaussianUniform", (0.696, 0.553, 0.509), (0.631, 0.527, 0.507)),
    "gaussian_mixture": Published("CommonMean", (0.731, 0.661, 0.555), (0.697, 0.583, 0.533)),
    "slcp": Published("SLCP", (0.975, 0.901, 0.831), (0.965, 0.845, 0.666)),
    "bernoulli_glm": Published("BernoulliGLM", (0.863, 0.678, 0.559), (0.855, 0.614, 0.525)),
    "sir": Published("Epidemic", (0.815, 0.680, 0.585), (0.638, 0.561, 0.575)),
    "lotka_volterra": Published("PredatorPrey", (0.999, 0.997, 0.981), (0.990, 0.953, 0.928)),
}
TASKS = tuple(PUBLISHED)
WAYS = {"npe": {}, "rounds": {"rounds": 4}, "nle": {"method": "nle"}, "nre": {"method": "nre"}}


class Compared(NamedTuple):
    """One task by one way."""

    c2st: Estimate
    each: np.ndarray  # of every observation
    result: Result


class Known(NamedTuple):
    """Of one task."""

    x: list[np.ndarray]
    exact: list[np.ndarray]
    checks: list[Check]


@dataclass(frozen=True)
class SbiBenchmark(AbstractExperiment):
    """Each task: `infer` from its simulator, samples for new observations, told from exact ones by a classifier."""

    name: ClassVar[str] = "sbi-benchmark"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "eight simulators with known posteriors: C2ST and calibration"
    rows: ClassVar[tuple[int, ...]] = (70, 71, 77)
    paper: ClassVar[str] = "Lueckmann et al. 2021, arXiv:2101.04653"
    claim: ClassVar[str] = "C2ST at most that published for as many simulations; ranks and coverage uniform on each"
    guide: ClassVar[str] = "docs/posteriors.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"tasks": ("two_moons",), "simulations": 3000, "observations": 1, "samples": 500},
        "laptop": {},
        "paper": {"ways": tuple(WAYS), "observations": 10, "samples": 10_000},
    }

    tasks: tuple[str, ...] = TASKS
    """Of two_moons, gaussian_linear, gaussian_linear_uniform, gaussian_mixture, slcp, bernoulli_glm, sir and
    lotka_volterra."""
    ways: tuple[str, ...] = ("npe",)
    """Of npe; rounds: four truncated rounds; nle; nre."""
    simulations: int = 10_000
    """Of each task, in all rounds together."""
    observations: int = 2
    """Simulated at draws of the prior."""
    samples: int = 2000
    """Of each side, for the classifier."""

    def __post_init__(self):
        super().__post_init__()
        check_words("tasks", self.tasks, TASKS)
        check_words("ways", self.ways, tuple(WAYS))

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """All tasks, by all ways."""
        result = Result(self.name, settings=asdict(self), figures=["c2st_table"])
        found: dict[tuple[str, str], Compared] = {}
        for task in self.tasks:
            key_task = jax.random.fold_in(key, TASKS.index(task))
            report = telling(progress, task.replace("_", " "))
            folder = checkpoint and checkpoint / task
            known = self.known(key_task, task, report)
            result.checks += known.checks
            for way in self.ways:
                key_way = jax.random.fold_in(key_task, 1 + list(WAYS).index(way))
                found[task, way] = self.compared(key_way, task, way, known, report, folder and folder / way)
        result.arrays = self.arrays(found)
        for (task, way), one in found.items():
            label = f"{task}_{way}"
            result.estimates[f"c2st/{label}"] = one.c2st
            result.checks += self.claims(task, way, one)
            result.checks += labelled(one.result.checks, label, estimates=False)
            result.notes += [f"{label}: {note}" for note in one.result.notes]
        return result

    def known(self, key: Any, task: str, progress: ProgressCallable) -> Known:
        """Observations, and exact samples of their posteriors."""
        made = simulator_of(task)
        seen, exact, checks = [], [], []
        for i in range(self.observations):
            key_theta, key_x, key_exact = jax.random.split(jax.random.fold_in(key, 1000 + i), 3)
            x = np.asarray(eqx.filter_jit(made.simulate)(key_x, made.prior().sample(key_theta)), float)
            progress(i, self.observations, "the exact posterior")
            samples, held = exact_samples(key_exact, made, x, self.samples)
            seen.append(x)
            exact.append(samples)
            checks += labelled(held, f"exact posterior {i + 1}, {task.replace('_', ' ')}", estimates=False)
        return Known(seen, exact, checks)

    def compared(
        self, key: Any, task: str, way: str, known: Known, progress: ProgressCallable, checkpoint: Path | None
    ) -> Compared:
        """C2ST of all observations: one network for all of them, where it is of one round and of the posterior."""
        made, each, found = simulator_of(task), [], []
        for i, x in enumerate(known.x):
            key_fit, key_draw = jax.random.split(jax.random.fold_in(key, i))
            if not found or way != "npe":
                folder = checkpoint and checkpoint / f"observation-{i}"
                found.append(infer(key_fit, made, observation=x, simulations=self.simulations, progress=progress,
                                   checkpoint=folder, **WAYS[way]))  # fmt: skip
                theta = np.stack([found[-1].arrays[name].to_numpy() for name in made.prior().names], axis=1)
            else:
                theta = drawn(key_draw, found[0].models["posterior"], x[None], self.samples)[0]
            progress(i, len(known.x), "a classifier of samples and exact ones")
            each.append(c2st(known.exact[i], theta))
        values = np.array([e.value for e in each])
        error = float(np.sum([(e.error or 0.0) ** 2 for e in each]) ** 0.5 / len(each))
        return Compared(Estimate(float(values.mean()), error), values, found[-1])

    def claims(self, task: str, way: str, found: Compared) -> list[Check]:
        """Not above what is published for no more simulations; nothing is, below 1000."""
        budget = sum(self.simulations >= n for n in BUDGETS) - 1
        if budget < 0:
            return []
        published = PUBLISHED[task].npe if way == "npe" else PUBLISHED[task].snpe
        kind = "NPE" if way == "npe" else "SNPE"
        law = f"C2ST, published for {kind} with {BUDGETS[budget]} simulations ({task.replace('_', ' ')}, {way})"
        check = Check.at_most(law, found.c2st.value, published[budget], error=found.c2st.error, source=SOURCE,
                              of=f"c2st/{task}_{way}")  # fmt: skip
        return [check.resolved()]

    def arrays(self, found: dict[tuple[str, str], Compared]) -> xr.Dataset:
        """c2st(task, way, observation), and what is published."""
        values = [[found[task, way].each for way in self.ways] for task in self.tasks]
        budget = max(0, sum(self.simulations >= n for n in BUDGETS) - 1)
        published = [[getattr(PUBLISHED[task], kind)[budget] for kind in ("npe", "snpe")] for task in self.tasks]
        return xr.Dataset(
            {"c2st": (("task", "way", "observation"), np.array(values)),
             "published": (("task", "kind"), np.array(published))},
            coords={"task": list(self.tasks), "way": list(self.ways), "kind": ["NPE", "SNPE"]},
        )  # fmt: skip


def check_words(name: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Errors: InputError for a word that is not known."""
    if odd := [word for word in given if word not in known]:
        raise InputError(f"{name} of {', '.join(known)}", odd[0], "choose of them")


def simulator_of(task: str) -> Any:
    """The simulator of a task."""
    return getattr(simulators, PUBLISHED[task].simulator)()


def exact_samples(key: Any, made: Any, x: np.ndarray, n: int) -> tuple[np.ndarray, list[Check]]:
    """n samples of the posterior: exact where that is known, else by Monte Carlo of the likelihood, with its checks."""
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    if (samples := made.posterior_samples(rng, x, n)) is not None:
        return np.asarray(samples), []
    found = infer(key, made, observation=x, method="smc", samples=max(WALKERS, n), progress=False)
    theta = np.stack([found.arrays[name].to_numpy() for name in made.prior().names], axis=1)
    return theta[rng.permutation(len(theta))[:n]], found.checks
