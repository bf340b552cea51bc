# SPDX-License-Identifier: Apache-2.0
"""Sample a system with two states that no chain connects: their free-energy difference by a Boltzmann generator."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks, nets, sampling
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.sample_by_model import Objective, SampleByModel, Samples, Schedule
from isinglass.tasks.sample_system import Method, SampleSystem
from isinglass.tasks.setting.method import TRAINING, methods, objectives
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from isinglass.systems.two_states import TwoStates

    Network = Callable[..., Any] | None
    Images = Callable[..., Any] | None
else:
    Network = Images = Any

__all__ = ["SampleTwoStates"]


@dataclass(frozen=True)
class SampleTwoStates(AbstractTask):
    """Short chains in each state train a density that covers both; importance weights give the weight of each state.

    Law: the weights make ΔF exact whatever the density has learned, as long as it covers both states.
    Ref: Noé et al. 2019, arXiv:1812.01729.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.two_states:TwoStates",)
    guide: ClassVar[str] = "docs/course/06_flows.py"
    what: ClassVar[str] = "a system with two states"
    least: ClassVar[dict[str, float]] = {"warmup": 0}

    network: Network = setting(None)
    """(key, data) -> a density, untrained; by default a continuous flow, for flow matching."""
    objective: Objective = setting("flow_matching", choices=objectives)
    """Objective of the training on the samples of the chains."""
    preset: Preset = "laptop"
    """How long it is trained: smoke, laptop or paper."""
    training: Schedule = setting(None, also=TRAINING)
    """Optimizer, schedule and length of this training, in place of the preset's."""
    energy_training: Schedule = setting(None, also=TRAINING)
    """Training by energy and likelihood together after it; by default none."""
    sampler: Method = setting("auto", choices=methods)
    """How the short chains move."""
    samples: int = 16384
    """Samples of the chains."""
    chains: int = 128
    """Short chains, from random starts relaxed downhill."""
    thin: int = 50
    """Sweeps between two samples of a chain."""
    warmup: int = 2000
    """Sweeps before the first one."""
    images: Images = setting(None)
    """(random generator, samples) -> more samples of the same energy, by symmetries of the system."""
    draws: int = 20_000
    """Weighted samples of the density."""
    reference: Samples = setting(None)
    """Samples of exp(-E/T)/Z in both states that detect a lost one, of replica exchange for instance."""

    def run(
        self, key: Any, problem: "TwoStates", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Short chains, training by data, training by energy and data, weights."""
        import jax

        begun = time.perf_counter()
        key_data, key_net, key_fit, key_energy = jax.random.split(key, 4)
        data = self.short_chains(key_data, problem, progress, checkpoint and checkpoint / "chains")
        build = self.network or nets.scaled_flow
        task = SampleByModel(
            method=build(key_net, data), objective=self.objective, preset=self.preset, training=self.training,
            data=data, correct="weights", draws=self.draws, reference=None if self.energy_training else self.reference,
            observables={"first_state": problem.in_first, "order": problem.system.order_parameter},
        )  # fmt: skip
        result = task.run(key_fit, problem.system, progress=progress, checkpoint=checkpoint and checkpoint / "data")
        if self.energy_training is not None:
            result = self.by_energy(key_energy, problem, result, task, progress, checkpoint)
        columns = ("proposed_first_state", "log_weight")
        first, log_weight = (result.arrays[name].to_numpy() for name in columns)
        result.estimates["free_energy_difference"] = sampling.weight.importance.estimate(log_odds(), first, log_weight)
        result.checks.append(checks.both_states(first, log_weight))
        result.settings |= {name: getattr(self, name) for name in ("chains", "thin", "warmup", "draws")}
        result.seconds = time.perf_counter() - begun
        return result

    def by_energy(
        self, key: Any, problem: "TwoStates", taught: Result, task: SampleByModel, progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> Result:  # fmt: skip
        """Train on, by energy and likelihood; the result also has the estimates of the training by data alone."""
        from dataclasses import replace

        task = replace(task, method=taught.models["sampler"], objective="energy_and_likelihood",
                       training=self.energy_training, reference=self.reference)  # fmt: skip
        folder = checkpoint and checkpoint / "energy"
        result = task.run(key, problem.system, progress=progress, checkpoint=folder)
        seconds = [one.estimates["training_seconds"] for one in (taught, result)]
        total = replace(seconds[1], value=sum(one.value for one in seconds))
        result.estimates |= {"ess_fraction/by_data": taught.estimates["ess_fraction"], "training_seconds": total}
        result.metrics = [*taught.metrics, *result.metrics]
        return result

    def short_chains(self, key: Any, problem: "TwoStates", progress: ProgressCallable, folder: Path | None) -> Any:
        """Samples of short chains, as many in each state, which need not exchange.

        Errors: InputError where all chains have ended in one state.
        """
        import jax
        import jax.numpy as jnp

        key_draw, key_images = jax.random.split(key)
        task = SampleSystem(
            method=self.sampler, samples=self.samples, chains=self.chains, thin=self.thin, warmup=self.warmup,
            start="downhill", effective_samples=None,
        )  # fmt: skip
        x = task.run(key_draw, problem.system, progress=progress, checkpoint=folder).arrays["configurations"].to_numpy()
        if self.images is not None:
            x = self.images(np.random.default_rng(np.asarray(jax.random.key_data(key_images))), x)
        first = np.asarray(jax.jit(jax.vmap(problem.in_first))(jnp.asarray(x, float))) > 0
        n = min(first.sum(), (~first).sum())
        if n == 0:
            raise InputError("chains in both states", "chains in one alone", "use another key, or more chains")
        rows = np.concatenate([np.resize(np.flatnonzero(side), max(n, 4096)) for side in (first, ~first)])
        return jnp.asarray(x[rows], jnp.float32)


def log_odds() -> Any:
    """ln Σ_first w / Σ_second w, of `stats`; imported when it is used."""
    from isinglass.stats.weights import log_odds

    return log_odds
