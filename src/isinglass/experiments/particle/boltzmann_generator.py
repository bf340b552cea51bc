# SPDX-License-Identifier: Apache-2.0
"""Free-energy differences between states that no chain connects, from a flow that covers all of them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, Float

from isinglass.exact.surface import double_well, mueller_brown
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.molecule import internal_coordinates, molecule_density
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.chain.hmc import HMC
from isinglass.sampling.chain.langevin import MALA
from isinglass.sampling.chain.mixed import Mixed
from isinglass.sampling.chain.torsion_turn import TorsionTurn
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.systems import DoubleWell, MuellerBrown
from isinglass.systems.particle.alanine_dipeptide import TURNING, ZMATRIX, AlanineDipeptide, rotated_methyls
from isinglass.systems.particle.dimer import Dimer
from isinglass.systems.particle.numbering import dimer_images, ordered
from isinglass.systems.two_states import TwoStates
from isinglass.tasks.cases import join
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import sample

__all__ = ["BoltzmannGenerator"]

LEFT_HANDED = 2.2  # radian; the left-handed states of alanine dipeptide are 0 < φ < 2.2
ALANINE_TEMPERATURES = (300.0, 360.0, 430.0)  # K


class Problem(NamedTuple):
    """A system with two states, how it is sampled, and what is known of it."""

    label: str
    states: TwoStates
    how: dict[str, Any]  # the settings of `sample`
    draws: int
    free_energy: Estimate  # ln P(first)/P(second), exact where the error is None
    source: str
    log_z: float | None = None
    of_target: Float[np.ndarray, "R D *site"] | None = None  # samples of the exchange
    tolerance: float | None = None  # of the free-energy difference; else 4 standard errors


@dataclass(frozen=True)
class BoltzmannGenerator(AbstractExperiment):
    """Short chains in each state train the flow; importance weights give the weight of each state."""

    name: ClassVar[str] = "boltzmann-generator"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "free energies of states that no chain connects"
    rows: ClassVar[tuple[int, ...]] = (34, 79, 82)
    paper: ClassVar[str] = "Noé et al. 2019, arXiv:1812.01729"
    claim: ClassVar[str] = "double well 4.7773 kT within 0.02; Müller-Brown; dimer, alanine dipeptide against exchange"
    guide: ClassVar[str] = "docs/course/06_flows.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"dimer_bath": -1, "alanine": False, "steps": 600, "energy_steps": 20, "draws": 10_000,
                  "tolerance": 0.2},
        "laptop": {},
        "paper": {"dimer_bath": 9, "dimer_box": 2.0, "steps": 40_000, "energy_steps": 2000, "draws": 1_000_000,
                  "dimer_steps": 20_000, "dimer_energy_steps": 20_000, "exchange_sweeps": 50_000,
                  "alanine_steps": 10_000, "alanine_energy_steps": 10_000, "alanine_sweeps": 10_000},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"dimer_bath": -1}

    steps: int = 4000
    """Steps of flow matching for the double well and the Müller-Brown surface."""
    energy_steps: int = 100
    """Steps of energy and likelihood together after it, for the double well."""
    batch: int = 256
    """Samples per step."""
    learning_rate: float = 3e-3
    """Learning rate at the beginning; it falls as a cosine."""
    draws: int = 100_000
    """Weighted samples for each system."""
    tolerance: float = 0.02
    """Allowed error of the free-energy difference of the double well, in kT."""
    temperature: float = 10.0
    """kT on the Müller-Brown surface."""
    dimer_bath: int = 4
    """Discs around the dimer, a square number; 0: the dimer alone; -1: no dimer."""
    dimer_box: float = 1.5
    """Half the side of the box of the discs."""
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
        """Estimates, checks and profiles of one system after the other."""
        key_dimer, key_molecule, *keys = jax.random.split(key, 6)
        problems = [self.double_well(), self.mueller_brown()]
        if self.dimer_bath >= 0:
            problems.append(self.dimer(key_dimer, progress, checkpoint))
        if self.alanine:
            problems.append(self.alanine_dipeptide(key_molecule, progress, checkpoint))
        solved = {
            problem.label: self.solve(k, problem, progress, checkpoint and checkpoint / problem.label)
            for k, problem in zip(keys, problems, strict=False)
        }
        result = join(self.name, solved, settings=asdict(self), figures=["reweighted_profile"], arrays=profiles(solved))
        result.checks += [c for problem in problems for c in claims(problem, solved[problem.label].estimates)]
        return result

    def solve(self, key, problem: Problem, progress: ProgressCallable, folder: Path | None) -> Result:
        """Short chains, training, weights.  Where replica exchange is the reference, its verdict on lost parts of the
        target is a note: ΔF is what is claimed.
        """
        result = sample(
            key, problem.states, draws=problem.draws, reference=problem.of_target, progress=progress,
            checkpoint=folder, **problem.how,
        )  # fmt: skip
        known = problem.free_energy
        if problem.of_target is not None:
            result.notes += [check.law for check in result.checks if check.verdict != "pass"]
            result.checks = []
            result.estimates["free_energy_difference/exchange"] = known
        return result

    def training(self, steps: int, batch: int, rate: float, clip: float | None, ema: float | None) -> Training:
        """Training by Adam, the learning rate falling as a cosine."""
        optimizer = Optimizer("adam", self.learning_rate * rate, "cosine", clip=clip)
        return Training(optimizer, steps=steps, batch_size=batch, block=max(1, steps // 10), ema=ema)

    def by_energy(self, steps: int, rate: float) -> Training | None:
        """Energy and likelihood together."""
        return self.training(steps, self.batch, rate, 1.0, None) if steps else None

    def double_well(self) -> Problem:
        """States x_1 < 0 and x_1 > 0."""
        how = {"sampler": MALA(0.05), "training": self.training(self.steps, self.batch, 1.0, None, 0.99),
               "energy_training": self.by_energy(self.energy_steps, 0.1)}  # fmt: skip
        return Problem(
            "double_well", TwoStates(DoubleWell(2), below(0.0)), how, self.draws,
            Estimate(double_well.free_energy_difference()), "quadrature, exact/double_well.py",
            log_z=double_well.log_partition_function(harmonic=(1.0,)), tolerance=self.tolerance,
        )  # fmt: skip

    def mueller_brown(self) -> Problem:
        """States x < 0 and x > 0."""
        right, _ = mueller_brown.population(self.temperature)
        how = {"sampler": MALA(0.003), "training": self.training(self.steps, self.batch, 1.0, None, 0.99)}
        return Problem(
            "mueller_brown", TwoStates(MuellerBrown(temperature=self.temperature), below(0.0)), how, self.draws,
            Estimate(float(np.log((1 - right) / right))), "quadrature, exact/mueller_brown.py",
            log_z=mueller_brown.log_partition_function(self.temperature),
        )  # fmt: skip

    def dimer(self, key, progress: ProgressCallable, checkpoint: Path | None) -> Problem:
        """States closed and open; the reference is replica exchange."""
        states = TwoStates(Dimer(self.dimer_bath, box=self.dimer_box), below(1.5))
        reference, x = exchanged(
            key, states, np.geomspace(1.0, 8.0, 8), method="tempering", samples=32 * max(1, self.exchange_sweeps // 16),
            chains=32, thin=16, warmup=1000, progress=progress, checkpoint=checkpoint and checkpoint / "exchange",
        )  # fmt: skip
        how = {
            "network": partial(splines, hidden=(128, 128)), "objective": "likelihood", "images": dimer_images,
            "training": self.training(self.dimer_steps, 2 * self.batch, 1.0, 10.0, 0.99),
            "energy_training": self.by_energy(self.dimer_energy_steps, 0.5),
            "sampler": HMC(adaptation=100), "samples": 2048 * 16, "chains": 2048, "thin": 4, "warmup": 200,
        }  # fmt: skip
        source = f"replica exchange, 8 temperatures, {self.exchange_sweeps} sweeps of 32 chains"
        return Problem("dimer", states, how, self.draws, reference, source, of_target=ordered(x))

    def alanine_dipeptide(self, key, progress: ProgressCallable, checkpoint: Path | None) -> Problem:
        """States φ outside and inside (0, 2.2), the left-handed helix; replica exchange that rotates torsions, too."""
        system = AlanineDipeptide()
        states = TwoStates(system, lambda phi: (phi < 0) | (phi > LEFT_HANDED))
        sampler = HMC(adaptation=50, max_steps=32, step_size=0.002, length=0.03)
        reference, x = exchanged(
            key, states, ALANINE_TEMPERATURES, method=Tempering(Mixed((sampler, TorsionTurn()))),
            samples=96 * max(1, self.alanine_sweeps // 4), chains=96, thin=4, warmup=100, progress=progress,
            checkpoint=checkpoint and checkpoint / "exchange_alanine",
        )  # fmt: skip
        coordinates = internal_coordinates(ZMATRIX, TURNING, np.asarray(system.start))
        how = {
            "network": lambda key, x: molecule_density(key, coordinates, x, (64, 64)), "objective": "likelihood",
            "training": self.training(self.alanine_steps, 2 * self.batch, 1.0, 10.0, 0.99),
            "energy_training": self.by_energy(self.alanine_energy_steps, 0.5), "images": rotated_methyls,
            "sampler": sampler, "samples": 256 * 32, "chains": 256, "thin": 1, "warmup": 100,
        }  # fmt: skip
        source = f"replica exchange with rotations of torsions, {self.alanine_sweeps} sweeps of 96 chains"
        return Problem("alanine_dipeptide", states, how, self.draws, reference, source, of_target=x)


def below(bound: float) -> Callable:
    """The order parameter is below the bound."""
    return lambda order: order < bound


def splines(key, x: Float[Array, "n *site"], hidden: tuple[int, ...]) -> AutoregressiveSplines:
    """An autoregressive density of the coordinates, scaled to data; untrained."""
    return AutoregressiveSplines(key=key, shape=x.shape[1:], hidden=hidden).of_data(x)


def exchanged(key, states: TwoStates, temperature: Any, **how: Any) -> tuple[Estimate, Float[np.ndarray, "R D *site"]]:
    """ΔF at the first temperature by replica exchange, and 32 samples of each chain there."""
    result = sample(
        key, states.system, temperature, start="random", effective_samples=None,
        observables={"first_state": states.in_first}, **how,
    )  # fmt: skip
    value, error = (float(result.arrays[f"mean_first_state{part}"][0]) for part in ("", "_error"))
    x = result.series("configurations")[0]
    return Estimate(*TwoStates.difference(value, error)), x[:, :: max(1, x.shape[1] // 32)]


def claims(problem: Problem, found: dict[str, Estimate]) -> list[Check]:
    """ΔF and ln Z against what is known."""
    known, label = problem.free_energy, problem.label.replace("_", " ")
    difference, log_z = found["free_energy_difference"], found["log_partition_function"]
    error = float(np.hypot(difference.error or 0.0, known.error or 0.0))
    tolerance = problem.tolerance if problem.tolerance is not None else 4 * error
    law = f"free-energy difference of the two states in kT ({label})"
    checks = [
        Check.within(
            law,
            difference.value,
            known.value,
            tolerance,
            error=difference.error,
            source=problem.source,
            of=f"free_energy_difference/{problem.label}",
        )
    ]
    if problem.log_z is not None:
        law, tolerance = f"ln Z by importance weights ({label})", 4 * (log_z.error or 0.0)
        checks.append(
            Check.within(
                law,
                log_z.value,
                problem.log_z,
                tolerance,
                error=log_z.error,
                source=problem.source,
                of=f"log_partition_function/{problem.label}",
            )
        )
    return checks


def profiles(solved: dict[str, Result]) -> xr.Dataset:
    """Density of the order parameter: as sampled, and reweighted."""
    order = [one.arrays["proposed_order"].to_numpy() for one in solved.values()]
    log_weight = [one.arrays["log_weight"].to_numpy() for one in solved.values()]
    edges = [np.linspace(np.quantile(o, 0.002), np.quantile(o, 0.998), 61) for o in order]
    drawn = [np.histogram(o, e, density=True)[0] for o, e in zip(order, edges, strict=True)]
    weight = [np.exp(w - w.max()) for w in log_weight]
    weighed = [np.histogram(o, e, weights=w, density=True)[0] for o, e, w in zip(order, edges, weight, strict=True)]
    return xr.Dataset(
        {
            "coordinate": (("system", "bin"), np.array([(e[1:] + e[:-1]) / 2 for e in edges])),
            "density_drawn": (("system", "bin"), np.array(drawn)),
            "density_reweighted": (("system", "bin"), np.array(weighed)),
        },
        coords={"system": list(solved)},
    )
