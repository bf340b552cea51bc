# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences between states that no chain connects, from a flow that draws in all of them."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Bool, Float

from isinglass.checks.generative import modes_kept
from isinglass.exact.surface import double_well, mueller_brown
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.particle.alanine import by_internal_coordinates, methyls_turned
from isinglass.experiments.particle.exchange import exchanged
from isinglass.experiments.particle.lesson import Lesson, Model, by_flow_matching, by_likelihood
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.downhill import downhill
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.chain.langevin import MALA
from isinglass.sampling.chain.mixed import Mixed
from isinglass.sampling.chain.sampler import Independent
from isinglass.sampling.chain.torsion_turn import TorsionTurn
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.sampling.objective.boltzmann_generator import EnergyAndLikelihood
from isinglass.sampling.weight.importance import (
    Weighted,
    effective_share,
    importance_sample,
    log_partition_function,
    log_target,
)
from isinglass.stats.weights import forward_effective_share, standard_error
from isinglass.systems import DoubleWell, MuellerBrown, at_temperatures
from isinglass.systems.particle.alanine_dipeptide import AlanineDipeptide
from isinglass.systems.particle.dimer import Dimer
from isinglass.systems.particle.numbering import dimer_images, ordered
from isinglass.systems.system import AbstractSystem
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["BoltzmannGenerator", "free_energy_difference"]

LEFT_HANDED = 2.2  # radian; the left-handed states of alanine dipeptide are 0 < φ < 2.2
ALANINE_TEMPERATURES = (300.0, 360.0, 430.0)  # K


class Problem(NamedTuple):
    """A system with two states, and what is known of them."""

    label: str
    system: AbstractSystem
    in_first: Callable  # of the order parameter: is x in the first state?
    lesson: Callable  # (key, data) -> what is first learned from the data
    sampler: Any  # of the short chains
    draws: int
    free_energy: Estimate | None  # ln P(first)/P(second), exact where the error is None
    source: str
    log_z: float | None = None
    of_target: Float[np.ndarray, "R D *site"] | None = None  # draws of the exchange
    tolerance: float | None = None  # of the free-energy difference; else 4 standard errors
    images: Callable = lambda rng, x: x  # configurations of the same energy, added to the data
    energy_steps: int = 0  # of energy and likelihood together, after training by data
    energy_rate: float = 0.1  # of its learning rate
    plan: SamplingPlan = SamplingPlan(samples=128 * 128, chains=128, thin=50, warmup=2000)  # of the short chains


class Solved(NamedTuple):
    """What the flow gives."""

    model: Any
    estimates: dict[str, Estimate]
    checks: list[Check]
    order: Float[np.ndarray, " n"]
    log_weight: Float[np.ndarray, " n"]
    notes: list[str]


@dataclass(frozen=True)
class BoltzmannGenerator(AbstractExperiment):
    """Short chains in each state teach the flow where to draw; weights tell how much each state is worth."""

    name: ClassVar[str] = "boltzmann-generator"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "free energies of states that no chain connects"
    rows: ClassVar[tuple[int, ...]] = (34, 79, 82)
    paper: ClassVar[str] = "Noé et al. 2019, arXiv:1812.01729"
    claim: ClassVar[str] = "double well 4.7773 kT within 0.02; Müller-Brown; dimer, alanine dipeptide against exchange"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"dimer_bath": -1, "alanine": False, "steps": 600, "energy_steps": 20, "draws": 10_000,
                  "tolerance": 0.2},
        "laptop": {},
        "paper": {"dimer_bath": 9, "dimer_box": 2.0, "steps": 40_000, "energy_steps": 2000, "draws": 1_000_000,
                  "dimer_steps": 20_000, "dimer_energy_steps": 20_000, "exchange_sweeps": 50_000,
                  "alanine_steps": 10_000, "alanine_energy_steps": 10_000, "alanine_sweeps": 10_000},
    }  # fmt: skip

    steps: int = 4000
    """Steps of flow matching for the double well and the Müller-Brown surface."""
    energy_steps: int = 100
    """Steps of energy and likelihood together after it, for the double well."""
    batch: int = 256
    """Samples in a step."""
    learning_rate: float = 3e-3
    """At the beginning; it falls as a cosine."""
    draws: int = 100_000
    """Draws, weighed, for each system."""
    tolerance: float = 0.02
    """Allowed error of the free-energy difference of the double well, in kT."""
    temperature: float = 10.0
    """kT on the Müller-Brown surface."""
    dimer_bath: int = 4
    """Discs around the dimer, a square number; -1: no dimer."""
    dimer_box: float = 1.5
    """Half the side of their box."""
    dimer_steps: int = 8000
    """Steps of maximum likelihood for the dimer."""
    dimer_energy_steps: int = 3000
    """Steps of energy and likelihood together after it."""
    exchange_sweeps: int = 4000
    """Sweeps of replica exchange, the reference for the dimer."""
    alanine: bool = True
    """Whether alanine dipeptide is among the systems."""
    alanine_steps: int = 1500
    """Steps of maximum likelihood for it."""
    alanine_energy_steps: int = 1000
    """Steps of energy and likelihood together after it."""
    alanine_sweeps: int = 800
    """Sweeps of replica exchange, the reference for it."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """One system after the other."""
        key_dimer, key_molecule, *keys = jax.random.split(key, 6)
        problems = [self.double_well(), self.mueller_brown()]
        if self.dimer_bath >= 0:
            problems.append(self.dimer(key_dimer, progress, checkpoint))
        if self.alanine:
            problems.append(self.alanine_dipeptide(key_molecule, progress, checkpoint))
        solved = [self.solve(k, problem, progress, checkpoint) for k, problem in zip(keys, problems, strict=False)]
        return Result(
            self.name,
            settings=asdict(self),
            estimates={name: value for one in solved for name, value in one.estimates.items()},
            checks=[check for one in solved for check in one.checks],
            models={problem.label: one.model for problem, one in zip(problems, solved, strict=True)},
            arrays=profiles(problems, solved),
            figures=["reweighted_profile"],
            notes=[note for one in solved for note in one.notes],
        )

    def by_flow(self, key, data) -> Lesson:
        """A continuous flow, as the first lesson."""
        return by_flow_matching((64, 64, 64), self.steps, self.batch, key, data)

    def double_well(self) -> Problem:
        """States x_1 < 0 and x_1 > 0."""
        return Problem(
            "double_well", DoubleWell(2), lambda x: x < 0, self.by_flow, Independent(MALA(0.05)), self.draws,
            Estimate(double_well.free_energy_difference()), "quadrature, exact/double_well.py",
            log_z=double_well.log_partition_function(harmonic=(1.0,)), tolerance=self.tolerance,
            energy_steps=self.energy_steps,
        )  # fmt: skip

    def mueller_brown(self) -> Problem:
        """States x < 0 and x > 0."""
        right, _ = mueller_brown.population(self.temperature)
        return Problem(
            "mueller_brown", MuellerBrown(temperature=self.temperature), lambda x: x < 0, self.by_flow,
            Independent(MALA(0.003)), self.draws, Estimate(float(np.log((1 - right) / right))),
            "quadrature, exact/mueller_brown.py", log_z=mueller_brown.log_partition_function(self.temperature),
        )  # fmt: skip

    def dimer(self, key, progress: ProgressCallable, checkpoint: Path | None) -> Problem:
        """States closed and open; the reference is replica exchange."""
        system = Dimer(self.dimer_bath, box=self.dimer_box)
        closed = lambda r: r < 1.5  # noqa: E731
        temperatures = np.geomspace(1.0, 8.0, 8)
        plan = SamplingPlan(samples=32 * max(1, self.exchange_sweeps // 16), chains=32, thin=16, warmup=1000)
        folder = None if checkpoint is None else checkpoint / "exchange"
        reference, x = exchanged(
            key, Tempering(HMC()), at_temperatures(system, temperatures), closed, plan, progress, folder
        )
        source = f"replica exchange, {len(temperatures)} temperatures, {self.exchange_sweeps} sweeps of 32 chains"
        return Problem(
            "dimer", system, closed, partial(by_likelihood, (128, 128), self.dimer_steps, 2 * self.batch),
            HMC(adaptation=100), self.draws, reference, source, of_target=ordered(x), images=dimer_images,
            energy_steps=self.dimer_energy_steps, energy_rate=0.5,
            plan=SamplingPlan(samples=2048 * 16, chains=2048, thin=4, warmup=200),
        )  # fmt: skip

    def alanine_dipeptide(self, key, progress: ProgressCallable, checkpoint: Path | None) -> Problem:
        """States φ outside and inside (0, 2.2), the left-handed helix; replica exchange that turns torsions, too."""
        system = AlanineDipeptide()
        usual = lambda phi: (phi < 0) | (phi > LEFT_HANDED)  # noqa: E731
        sampler = HMC(adaptation=50, max_steps=32, step_size=0.002, length=0.03)
        plan = SamplingPlan(samples=96 * max(1, self.alanine_sweeps // 4), chains=96, thin=4, warmup=100)
        folder = None if checkpoint is None else checkpoint / "exchange_alanine"
        reference, x = exchanged(
            key, Tempering(Mixed((sampler, TorsionTurn()))), at_temperatures(system, np.array(ALANINE_TEMPERATURES)),
            usual, plan, progress, folder,
        )  # fmt: skip
        source = f"replica exchange with turns of torsions, {self.alanine_sweeps} sweeps of 96 chains"
        return Problem(
            "alanine_dipeptide", system, usual,
            partial(by_internal_coordinates, system, (64, 64), self.alanine_steps, 2 * self.batch),
            sampler, self.draws, reference, source, of_target=x, images=methyls_turned,
            energy_steps=self.alanine_energy_steps, energy_rate=0.5,
            plan=SamplingPlan(samples=256 * 32, chains=256, thin=1, warmup=100),
        )  # fmt: skip

    def solve(self, key, problem: Problem, progress: ProgressCallable, checkpoint: Path | None) -> Solved:
        """Short chains, flow matching, energy and likelihood, weights."""
        key_data, key_fit, key_energy, key_draw = jax.random.split(key, 4)
        label, system = problem.label, problem.system
        folder = None if checkpoint is None else checkpoint / label
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        data = short_chains(key_data, problem, progress, folder)
        begun = time.perf_counter()
        key_net, key_fit = jax.random.split(key_fit)
        model = self.taught(key_fit, problem.lesson(key_net, data), problem, progress, folder)
        estimates = {}
        if problem.energy_steps:
            before = importance_sample(key_draw, model, system, problem.draws)
            estimates[f"effective_share/{label}_by_data"] = effective_share(before)
            loss = EnergyAndLikelihood(system, 0.5, self.batch)
            lesson = Lesson(
                "energy", model, loss, data, problem.energy_steps, self.batch, problem.energy_rate, 1.0, None
            )
            model = self.taught(key_energy, lesson, problem, progress, folder)
        training, begun = time.perf_counter() - begun, time.perf_counter()
        weighted = importance_sample(key_draw, model, system, problem.draws)
        sampling = time.perf_counter() - begun
        order = np.asarray(jax.jit(jax.vmap(system.order_parameter))(jnp.asarray(weighted.x, float)))
        first = problem.in_first(order)
        difference = free_energy_difference(weighted, first)
        log_z = log_partition_function(weighted)
        estimates |= {
            f"free_energy_difference/{label}": difference,
            f"log_partition_function/{label}": log_z,
            f"effective_share/{label}": effective_share(weighted),
            f"training_seconds/{label}": Estimate(training, unit="s"),
            f"sampling_seconds/{label}": Estimate(sampling / problem.draws, unit="s per draw"),
        }
        if problem.free_energy and problem.free_energy.error is not None:
            estimates[f"free_energy_difference/{label}_exchange"] = problem.free_energy
        notes = []
        if problem.of_target is not None:
            forward, notes = seen_from_target(model, problem, weighted.log_weight)
            estimates[f"effective_share/{label}_from_exchange"] = forward
        return Solved(model, estimates, checks_of(problem, difference, log_z), order, weighted.log_weight, notes)

    def taught(self, key, lesson: Lesson, problem: Problem, progress: ProgressCallable, folder: Path | None) -> Model:
        """One lesson by Adam, the learning rate falling as a cosine."""
        settings = Training(
            optimizer=Optimizer("adam", self.learning_rate * lesson.rate, "cosine", clip=lesson.clip),
            steps=lesson.steps, batch_size=lesson.batch, block=max(1, lesson.steps // 10), ema=lesson.ema,
        )  # fmt: skip
        trained = fit(
            key, lesson.untrained, lesson.loss, (lesson.data,), settings=settings,
            checkpoint=None if folder is None else folder / f"{lesson.name}.safetensors",
            progress=lambda record: progress(
                record.step, lesson.steps, f"{problem.label}: {lesson.name} {float(np.mean(record.loss)):.5g}"
            ),
        )  # fmt: skip
        return lesson.whole(trained.model)


def short_chains(key, problem: Problem, progress: ProgressCallable, folder: Path | None) -> Float[Array, "n *site"]:
    """Draws of short chains, as many in each state, which need not exchange."""
    key_start, key_draw, key_images = jax.random.split(key, 3)
    system = problem.system
    batch = at_temperatures(system, 1 / np.atleast_1d(system.beta))
    x = downhill(starts(key_start, system, 1, problem.plan.chains, "random"), batch)
    draws = draw(key_draw, problem.sampler, batch, x, problem.plan, checkpoint=folder, progress=progress)
    x = draws.x.reshape(-1, *system.shape)
    x = problem.images(np.random.default_rng(np.asarray(jax.random.key_data(key_images))), x)
    first = problem.in_first(np.asarray(jax.jit(jax.vmap(system.order_parameter))(jnp.asarray(x, float))))
    n = min(first.sum(), (~first).sum())
    if n == 0:
        raise ValueError(f"expected chains in both states of {problem.label}; found one alone; use another seed.")
    rows = np.concatenate([np.resize(np.flatnonzero(side), max(n, 4096)) for side in (first, ~first)])
    return jnp.asarray(x[rows], jnp.float32)


def seen_from_target(model: Model, problem: Problem, log_weight: Float[np.ndarray, " n"]) -> tuple[Estimate, list[str]]:
    """Forward ESS from the draws of the exchange, and a note where it says that the density has lost a part."""
    system, x = problem.system, jnp.asarray(problem.of_target, float)
    weigh = eqx.filter_jit(lambda q, x: jax.lax.map(lambda x: log_target(system, x) - q.log_prob(x), x, batch_size=512))
    of_target = weigh(model, x.reshape(-1, *system.shape)).reshape(x.shape[:2])
    share, error = (float(v) for v in jax.jit(forward_effective_share)(of_target))
    check = modes_kept(log_weight, np.asarray(of_target))
    return Estimate(share, error), [f"{problem.label}: {check.law}"] if check.verdict != "pass" else []


def free_energy_difference(weighted: Weighted, first: Bool[np.ndarray, " n"]) -> Estimate:
    """ln Σ_first w / Σ_second w, with its error by the delta method."""
    w = np.exp(weighted.log_weight - weighted.log_weight.max())
    a, b = (w * first).mean(), (w * ~first).mean()
    influence = w * first / a - w * ~first / b
    return Estimate(float(np.log(a / b)), float(standard_error(jnp.asarray(influence))))


def checks_of(problem: Problem, difference: Estimate, log_z: Estimate) -> list[Check]:
    """Against what is known."""
    known, label = problem.free_energy, problem.label.replace("_", " ")
    checks = []
    if known is not None:
        error = float(np.hypot(difference.error or 0.0, known.error or 0.0))
        tolerance = problem.tolerance if problem.tolerance is not None else 4 * error
        law = f"free-energy difference of the two states in kT ({label})"
        checks.append(
            Check.within(law, difference.value, known.value, tolerance, error=difference.error, source=problem.source,
                         of=f"free_energy_difference/{problem.label}")
        )  # fmt: skip
    if problem.log_z is not None:
        law = f"ln Z by importance weights ({label})"
        checks.append(
            Check.within(law, log_z.value, problem.log_z, 4 * (log_z.error or 0.0), error=log_z.error,
                         source=problem.source, of=f"log_partition_function/{problem.label}")
        )  # fmt: skip
    return checks


def profiles(problems: list[Problem], solved: list[Solved]) -> xr.Dataset:
    """Density of the order parameter: as drawn, and reweighted."""
    edges = [np.linspace(np.quantile(one.order, 0.002), np.quantile(one.order, 0.998), 61) for one in solved]
    drawn = [np.histogram(one.order, e, density=True)[0] for one, e in zip(solved, edges, strict=True)]
    weight = [np.exp(one.log_weight - one.log_weight.max()) for one in solved]
    weighed = [np.histogram(one.order, e, weights=w, density=True)[0] for one, e, w in
               zip(solved, edges, weight, strict=True)]  # fmt: skip
    centers = [(e[1:] + e[:-1]) / 2 for e in edges]
    return xr.Dataset(
        {
            "coordinate": (("system", "bin"), np.array(centers)),
            "density_drawn": (("system", "bin"), np.array(drawn)),
            "density_reweighted": (("system", "bin"), np.array(weighed)),
        },
        coords={"system": [problem.label for problem in problems]},
    )
