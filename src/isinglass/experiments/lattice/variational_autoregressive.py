# SPDX-License-Identifier: Apache-2.0
"""Free energies from an autoregressive network that knows nothing but the energy, beside the exact ones."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.generative import light_weights, log_z_agrees
from isinglass.exact.lattice import onsager
from isinglass.exact.lattice.thermodynamics import Thermodynamics, enumerated, kaufman_square
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.autoregressive.front import Front
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy
from isinglass.sampling.weight.importance import importance_sample
from isinglass.sampling.weight.thermodynamics import EnergyAndMagnetization, thermodynamics
from isinglass.systems import Ising, sherrington_kirkpatrick
from isinglass.training.fit import Trained, fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["VariationalAutoregressive"]

TC = onsager.critical_temperature()
SQUARE = ("sign", "flips", "transpose")  # the symmetries of the square, and of the spins
SIGMAS = 4.5  # false alarm 7e-6 for one number


@dataclass(frozen=True)
class VariationalAutoregressive(AbstractExperiment):
    """The variational free energy bounds the exact one from above and comes near; weights close the gap.

    The network of the lattice sees the front of the rows so far and the first row, which is all that matters; that of
    the glass is dense.
    """

    name: ClassVar[str] = "variational-autoregressive"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "free energies by autoregressive networks"
    rows: ClassVar[tuple[int, ...]] = (18, 86, 87)
    paper: ClassVar[str] = "Wu, Wang and Zhang 2019, arXiv:1809.10606"
    claim: ClassVar[str] = (
        "never below the exact free energy; 1e-4 above at most for L = 4, 8 and glasses, 1e-3 at L = 16"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (4,), "tolerances": (1e-3,), "hidden": (8,), "steps": (200,), "batch": (128,), "glass": 8,
                  "glass_steps": 200, "glass_batch": 128, "glass_tolerance": 1e-3, "draws": 2048, "averaged": 512,
                  "side": 4, "temperatures": (4.0, 2.0), "steps_each": 60},
        "laptop": {},
        "paper": {"sizes": (4, 8, 16, 24), "tolerances": (1e-4, 1e-4, 1e-4, 1e-3), "steps": (2000, 4000, 8000, 8000),
                  "hidden": (32, 64, 64, 96), "batch": (1024, 1024, 1024, 1024), "draws": 100_000},
    }  # fmt: skip

    sizes: tuple[int, ...] = (4, 8, 16)
    """Sides L of the Ising model at T_c."""
    hidden: tuple[int, ...] = (16, 32, 32)
    """Hidden units of the network, for each size."""
    steps: tuple[int, ...] = (600, 1000, 800)
    """Training steps, for each size."""
    batch: tuple[int, ...] = (512, 512, 256)
    """Draws in a step, for each size."""
    tolerances: tuple[float, ...] = (1e-4, 1e-4, 1e-3)
    """Allowed relative excess of the variational free energy, for each size."""
    learning_rate: float = 0.01
    """At the beginning; it falls as a cosine."""
    anneal: float = 0.4
    """Share of the run over which beta grows from 0."""
    glass: int = 20
    """Spins of a Sherrington-Kirkpatrick glass at T = 1; 0: none."""
    glass_steps: int = 1200
    """Training steps of the glass."""
    glass_batch: int = 1024
    """Draws in a step of the glass."""
    glass_tolerance: float = 1e-4
    """Allowed relative excess of its free energy."""
    draws: int = 20_000
    """Draws for the final free energies."""
    averaged: int = 2048
    """Draws of the density averaged over the 16 symmetries of square and spins; of a glass, with 2, so many more."""
    side: int = 8
    """Side of the lattice whose temperature falls."""
    temperatures: tuple[float, ...] = (5.0, 4.0, 3.2, 2.7, 2.2691853, 2.0, 1.7)
    """Its temperatures, falling; each network begins where the last one ended."""
    steps_each: int = 200
    """Training steps at each of them."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train one network for each system; draw, bound, weigh."""
        key_glass, key_train, key_cool = jax.random.split(key, 3)
        problems = self.problems(key_glass)
        solved = [
            self.solve(k, problem, progress, checkpoint)
            for k, problem in zip(jax.random.split(key_train, len(problems)), problems, strict=True)
        ]
        cooled, cooling_checks = self.cool(key_cool, progress, checkpoint)
        return Result(
            self.name,
            settings=asdict(self),
            estimates={name: estimate for one in solved for name, estimate in one.estimates.items()},
            checks=[check for one in solved for check in one.checks] + cooling_checks,
            models={problem.label: one.model for problem, one in zip(problems, solved, strict=True)},
            arrays=xr.merge([curves(problems, solved), cooled]),
            figures=["free_energy_excess", *(["free_energy_against_temperature"] if self.temperatures else [])],
        )

    def problems(self, key: Any) -> "list[Problem]":
        """The systems with what is known of them, and a network for each."""
        settings = zip(self.sizes, self.hidden, self.steps, self.batch, self.tolerances, strict=True)
        found = []
        for L, hidden, steps, batch, tolerance in settings:
            system, net = Ising((L, L), temperature=TC), Front(key=key, shape=(L, L), hidden=hidden)
            found.append(Problem(f"L{L}", system, kaufman_square(TC, L), net, steps, batch, tolerance, SQUARE))
        if self.glass:
            system = sherrington_kirkpatrick(key, self.glass, temperature=1.0)
            net = MaskedDense(key=key, shape=system.shape, hidden=8, layers=2)
            last = (self.glass_steps, self.glass_batch, self.glass_tolerance, ("sign",))
            graph, J, N = np.asarray(system.graph.bonds), np.asarray(system.J), system.n_sites
            exact = enumerated(graph, J, N, float(system.beta))
            found.append(Problem(f"SK{self.glass}", system, exact, net, *last))
        return found

    def solve(self, key: Any, problem: "Problem", progress: ProgressCallable, checkpoint: Path | None) -> "Solved":
        """One system: ln Z by the bound, by weights, and by the bound of the averaged density."""
        key_fit, key_draw = jax.random.split(key)
        label, exact, system = problem.label, problem.exact, problem.system
        trained = self.train(key_fit, problem, progress, checkpoint)
        weighted = importance_sample(key_draw, trained.model, system, self.draws, keep=EnergyAndMagnetization(system))
        found = thermodynamics(weighted, system)
        averaged = GroupAverage(trained.model, problem.group)
        count = len(averaged.elements())
        images_label = f"{label}, averaged over {count} images"
        n = min(self.draws, self.averaged * 16 // count)
        images = importance_sample(key_draw, averaged, system, n, keep=EnergyAndMagnetization(system))
        better = thermodynamics(images, system)
        estimates = found | {f"{name}/averaged": better[name] for name in ("free_energy", "effective_share")}
        estimates["training_seconds"] = Estimate(float(trained.history.seconds[-1]), unit="s")
        return Solved(
            {f"{name}/{label}": estimate for name, estimate in estimates.items()},
            [
                *self.bounds(problem, found["free_energy"], label),
                *self.bounds(problem, better["free_energy"], images_label),
                labeled(log_z_agrees(found["log_partition_function"], exact.log_z, source=exact.source,
                                     of=f"log_partition_function/{label}"), label),
                labeled(light_weights(weighted.log_weight), label),
                *thermodynamic_checks(found, exact, label),
            ],
            trained.model,
            trained.history.seconds,
            excess(trained, problem, self.anneal),
        )  # fmt: skip

    def train(self, key: Any, problem: "Problem", progress: ProgressCallable, checkpoint: Path | None) -> Trained:
        """Anneal, then stay at the temperature."""
        settings = Training(
            optimizer=Optimizer("adam", self.learning_rate, "cosine", clip=1.0),
            steps=problem.steps,
            block=max(1, problem.steps // 40),
        )
        return fit(
            key,
            problem.net,
            VariationalFreeEnergy(problem.system, problem.batch, self.anneal),
            None,
            settings=settings,
            checkpoint=None if checkpoint is None else checkpoint / f"{problem.label}.safetensors",
            progress=lambda record: progress(
                record.step, problem.steps, f"{problem.label}: beta F = {float(np.mean(record.loss)):.6g}"
            ),
        )

    def bounds(self, problem: "Problem", free_energy: Estimate, label: str) -> list[Check]:
        """F <= F_q <= (1 + tolerance) F, relative to |F|."""
        exact, law = problem.exact, "variational free energy"
        scale = float(problem.system.beta) * float(problem.system.n_sites) / exact.log_z
        above, error = 1 + free_energy.value * scale, (free_energy.error or 0.0) * scale
        return [
            Check.at_least(f"{law} never below the exact one ({label}, relative)", above, 0.0,
                           tolerance=SIGMAS * error, error=error, source=exact.source),
            Check.at_most(f"{law} near the exact one ({label}, relative)", above, problem.tolerance,
                          error=error, source=exact.source),
        ]  # fmt: skip

    def cool(self, key: Any, progress: ProgressCallable, checkpoint: Path | None) -> tuple[xr.Dataset, list[Check]]:
        """One lattice from hot to cold, each network from the one before: free energy and entropy against T."""
        if not self.temperatures:
            return xr.Dataset(), []
        net, found, known = Front(key=key, shape=(self.side, self.side), hidden=16), [], []
        settings = Training(optimizer=Optimizer("adam", 5e-3, clip=1.0), steps=self.steps_each, block=self.steps_each)
        for number, T in enumerate(self.temperatures):
            key_fit, key_draw = jax.random.split(jax.random.fold_in(key, number))
            system = Ising((self.side, self.side), temperature=T)
            file = None if checkpoint is None else checkpoint / f"cooled{number}.safetensors"
            loss = VariationalFreeEnergy(system, 256, 0.0)
            net = fit(key_fit, net, loss, None, settings=settings, checkpoint=file).model
            progress(number + 1, len(self.temperatures), f"T = {T:g}")
            weighted = importance_sample(key_draw, net, system, self.draws, keep=EnergyAndMagnetization(system))
            found.append(thermodynamics(weighted, system))
            known.append(kaufman_square(T, self.side))
        return cooled_arrays(np.array(self.temperatures), found, known)


class Problem(NamedTuple):
    """A system, what is known of it, its network, and how long to train."""

    label: str
    system: Ising
    exact: Thermodynamics
    net: Any
    steps: int
    batch: int
    tolerance: float
    group: tuple[str, ...]


class Solved(NamedTuple):
    """What one network found."""

    estimates: dict[str, Estimate]
    checks: list[Check]
    model: Any
    seconds: np.ndarray  # of training, after each block
    excess: np.ndarray  # of the variational free energy, relative


def labeled(check: Check, label: str) -> Check:
    """The check with the name of its system."""
    return replace(check, law=f"{check.law} ({label})")


def thermodynamic_checks(found: dict[str, Estimate], exact: Thermodynamics, label: str) -> list[Check]:
    """Energy, entropy, specific heat and, where known, susceptibility of the weighted draws; per site."""
    known = {
        "energy": exact.energy,
        "entropy": exact.entropy,
        "specific_heat": exact.specific_heat,
        "susceptibility": exact.susceptibility,
    }
    return [
        Check.within(f"{name.replace('_', ' ')} of weighted draws ({label})", found[name].value, value,
                     SIGMAS * (found[name].error or 0.0), error=found[name].error, source=exact.source,
                     of=f"{name}/{label}")
        for name, value in known.items()
        if value is not None
    ]  # fmt: skip


def excess(trained: Trained, problem: Problem, anneal: float) -> np.ndarray:
    """(beta' F_q - beta' F) / |beta F| at the temperature of the moment, mean over each block."""
    loss = VariationalFreeEnergy(problem.system, problem.batch, anneal)
    share = jnp.arange(1, problem.steps + 1, dtype=jnp.float32) / problem.steps
    log_z = problem.exact.log_z_at(np.asarray(jax.vmap(lambda s: loss.at(s).system.beta)(share)))
    blocks = np.split(log_z, np.asarray(trained.history.step, int)[:-1])
    return (np.asarray(trained.history.loss) + [block.mean() for block in blocks]) / problem.exact.log_z


def curves(problems: list[Problem], solved: list[Solved]) -> xr.Dataset:
    """Excess against training time, filled up with NaN."""
    longest = max(len(one.seconds) for one in solved)
    pad = lambda a: np.pad(np.asarray(a, float), (0, longest - len(a)), constant_values=np.nan)  # noqa: E731
    return xr.Dataset(
        {
            "free_energy_excess": (("system", "block"), np.array([pad(one.excess) for one in solved])),
            "training_seconds": (("system", "block"), np.array([pad(one.seconds) for one in solved])),
        },
        coords={"system": [problem.label for problem in problems]},
    )


def cooled_arrays(
    T: np.ndarray, found: list[dict[str, Estimate]], known: list[Thermodynamics]
) -> tuple[xr.Dataset, list[Check]]:
    """Free energy and entropy per site against T, beside the exact ones; the worst of each judged."""
    exact = {
        "free_energy": np.array([one.energy for one in known]) - T * np.array([one.entropy for one in known]),
        "entropy": np.array([one.entropy for one in known]),
    }
    arrays, checks = {}, []
    for name, right in exact.items():
        value, error = (np.array([getattr(one[name], part) for one in found]) for part in ("value", "error"))
        for suffix, column in (("", value), ("_error", error), ("_exact", right)):
            arrays[name + suffix] = ("temperature", column)
        z = (value - right) / error
        words = name.replace("_", " ")
        if name == "free_energy":
            above = ((value - right) / np.abs(right)).max()
            checks += [
                Check.at_least(f"{words} never below the exact one (all temperatures, in errors)", z.min(), 0.0,
                               tolerance=SIGMAS, source="Kaufman 1949"),
                Check.at_most(f"{words} near the exact one (largest of all temperatures, relative)", above, 1e-3,
                              source="Kaufman 1949"),
            ]  # fmt: skip
        else:
            checks.append(
                Check.at_most(f"{words} of weighted draws (all temperatures, in errors)", np.abs(z).max(), SIGMAS,
                              source="Kaufman 1949")
            )  # fmt: skip
    return xr.Dataset(arrays, coords={"temperature": T}), checks
