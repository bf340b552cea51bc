# SPDX-License-Identifier: Apache-2.0
"""Free energies from an autoregressive network trained on the energy alone, beside the exact ones."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.generative import log_z_agrees
from isinglass.exact.lattice import onsager
from isinglass.exact.lattice.spin_thermodynamics import Exact, enumerated, kaufman_square
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.autoregressive.front import Front
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.autoregressive.masked_dense import MaskedDense
from isinglass.observables.thermodynamics import thermodynamics
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy
from isinglass.systems import Ising, sherrington_kirkpatrick
from isinglass.tasks.cases import join
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training
from isinglass.verbs import sample

__all__ = ["VariationalAutoregressive"]

TC = onsager.critical_temperature()
SQUARE = ("sign", "flips", "transpose")  # the symmetries of the square, and of the spins
SIGMAS = 4.5  # false alarm 7e-6 for one number


@dataclass(frozen=True)
class VariationalAutoregressive(AbstractExperiment):
    """The variational free energy bounds the exact one from above and comes near; weights close the gap.

    The input of the lattice's network is the front of the rows so far and the first row, which suffices; that of the
    glass is dense.
    """

    name: ClassVar[str] = "variational-autoregressive"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "free energies by autoregressive networks"
    rows: ClassVar[tuple[int, ...]] = (18, 86, 87)
    paper: ClassVar[str] = "Wu, Wang and Zhang 2019, arXiv:1809.10606"
    claim: ClassVar[str] = (
        "never below the exact free energy; 1e-4 above at most for L = 4, 8 and glasses, 1e-3 at L = 16"
    )
    guide: ClassVar[str] = "docs/course/08_autoregressive.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (4,), "tolerances": (1e-3,), "hidden": (8,), "steps": (200,), "batch": (128,), "glass": 8,
                  "glass_steps": 200, "glass_batch": 128, "glass_tolerance": 1e-3, "draws": 2048, "averaged": 512,
                  "side": 4, "temperatures": (4.0, 2.0), "steps_each": 60},
        "laptop": {},
        "paper": {"sizes": (4, 8, 16, 24), "tolerances": (1e-4, 1e-4, 1e-4, 1e-3), "steps": (2000, 4000, 8000, 8000),
                  "hidden": (32, 64, 64, 96), "batch": (1024, 1024, 1024, 1024), "draws": 100_000},
    }  # fmt: skip
    least: ClassVar[dict[str, float]] = {"glass": 0, "anneal": 0}

    sizes: tuple[int, ...] = (4, 8, 16)
    """Sides L of the Ising model at T_c."""
    hidden: tuple[int, ...] = (16, 32, 32)
    """Hidden units of the network, for each size."""
    steps: tuple[int, ...] = (600, 1000, 800)
    """Training steps, for each size."""
    batch: tuple[int, ...] = (512, 512, 256)
    """Samples per step, for each size."""
    tolerances: tuple[float, ...] = (1e-4, 1e-4, 1e-3)
    """Allowed relative excess of the variational free energy, for each size."""
    learning_rate: float = 0.01
    """Learning rate at the beginning; it falls as a cosine."""
    anneal: float = 0.4
    """Share of the run over which beta grows from 0."""
    glass: int = 20
    """Spins of a Sherrington-Kirkpatrick glass at T = 1; 0: none."""
    glass_steps: int = 1200
    """Training steps of the glass."""
    glass_batch: int = 1024
    """Samples per step of the glass."""
    glass_tolerance: float = 1e-4
    """Allowed relative excess of its free energy."""
    draws: int = 20_000
    """Samples for the final free energies."""
    averaged: int = 2048
    """Samples of the density averaged over the 16 symmetries of square and spins; of a glass, with 2, 8 times more."""
    side: int = 8
    """Side of the lattice whose temperature falls."""
    temperatures: tuple[float, ...] = (5.0, 4.0, 3.2, 2.7, 2.2691853, 2.0, 1.7)
    """Its temperatures, falling; each network begins where the last one ended."""
    steps_each: int = 200
    """Training steps at each of them."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train one network for each system; sample, bound, weight."""
        key_glass, key_train, key_cool = jax.random.split(key, 3)
        problems, solved, excesses = self.problems(key_glass), {}, {}
        for k, problem in zip(jax.random.split(key_train, len(problems)), problems, strict=True):
            trained = self.solve(k, problem, progress, checkpoint and checkpoint / problem.label)
            excesses[problem.label] = self.excess(trained, problem), trained.history("seconds")
            solved[problem.label] = trained
        cooled, cooling_checks = self.cool(key_cool, progress, checkpoint)
        figures = ["free_energy_excess", *(["free_energy_against_temperature"] if self.temperatures else [])]
        arrays = xr.merge([curves(excesses), cooled])
        result = join(self.name, solved, settings=asdict(self), figures=figures, arrays=arrays)
        result.checks += cooling_checks
        return result

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
            exact = enumerated(np.asarray(system.graph.bonds), np.asarray(system.J), 1.0)
            last = (self.glass_steps, self.glass_batch, self.glass_tolerance, ("sign",))
            found.append(Problem(f"SK{self.glass}", system, exact, net, *last))
        return found

    def solve(self, key: Any, problem: "Problem", progress: ProgressCallable, folder: Path | None) -> Result:
        """One system: ln Z by the bound, by weights, and by the bound of the averaged density."""
        system, exact = problem.system, problem.exact
        optimizer = Optimizer("adam", self.learning_rate, "cosine", clip=1.0)
        trained = sample(
            key, system, method=problem.net, objective=self.loss(problem),
            training=Training(optimizer, steps=problem.steps, block=max(1, problem.steps // 40)), correct="weights",
            draws=self.draws, observables=observables(system), progress=progress, checkpoint=folder,
        )  # fmt: skip
        averaged = GroupAverage(trained.models["sampler"], problem.group)
        count = len(averaged.elements())
        images = sample(
            jax.random.fold_in(key, 1), system, method=averaged, correct="weights", reference=None,
            draws=min(self.draws, self.averaged * 16 // count), observables=observables(system), progress=False,
        )  # fmt: skip
        found, better = of_weights(trained, system), of_weights(images, system)
        trained.estimates = {
            **found,
            **{f"{name}/averaged": better[name] for name in ("free_energy", "ess_fraction")},
            "training_seconds": trained.estimates["training_seconds"],
        }
        trained.checks += [
            *self.bounds(problem, found["free_energy"], "relative"),
            *self.bounds(problem, better["free_energy"], f"averaged over {count} images, relative"),
            log_z_agrees(
                found["log_partition_function"], exact.log_z, source=exact.source, of="log_partition_function"
            ),
            *thermodynamic_checks(found, exact),
        ]
        return trained

    def loss(self, problem: "Problem") -> VariationalFreeEnergy:
        """Anneal, then stay at the temperature."""
        return VariationalFreeEnergy(problem.system, problem.batch, self.anneal)

    def excess(self, trained: Result, problem: "Problem") -> Float[np.ndarray, " block"]:
        """(beta' F_q - beta' F) / |beta F| at the temperature of the moment, mean over each block."""
        share = jnp.arange(1, problem.steps + 1, dtype=jnp.float32) / problem.steps
        log_z = problem.exact.log_z_at(np.asarray(jax.vmap(lambda s: self.loss(problem).at(s).system.beta)(share)))
        blocks = np.split(log_z, trained.history("step").astype(int)[:-1])
        return (trained.history("loss") + [block.mean() for block in blocks]) / problem.exact.log_z

    def bounds(self, problem: "Problem", free_energy: Estimate, words: str) -> list[Check]:
        """F <= F_q <= (1 + tolerance) F, relative to |F|."""
        exact, law = problem.exact, "variational free energy"
        scale = float(problem.system.beta) * float(np.prod(problem.system.shape)) / exact.log_z
        above, error = 1 + free_energy.value * scale, (free_energy.error or 0.0) * scale
        return [
            Check.at_least(f"{law} never below the exact one, {words}", above, 0.0,
                           tolerance=SIGMAS * error, error=error, source=exact.source),
            Check.at_most(f"{law} near the exact one, {words}", above, problem.tolerance,
                          error=error, source=exact.source),
        ]  # fmt: skip

    def cool(self, key: Any, progress: ProgressCallable, checkpoint: Path | None) -> tuple[xr.Dataset, list[Check]]:
        """One lattice from hot to cold, each network from the one before: free energy and entropy against T."""
        if not self.temperatures:
            return xr.Dataset(), []
        net, found, known = Front(key=key, shape=(self.side, self.side), hidden=16), [], []
        training = Training(Optimizer("adam", 5e-3, clip=1.0), steps=self.steps_each, block=self.steps_each)
        for number, T in enumerate(self.temperatures):
            system = Ising((self.side, self.side), temperature=T)
            one = sample(
                jax.random.fold_in(key, number), system, method=net, objective=VariationalFreeEnergy(system, 256, 0.0),
                training=training, correct="weights", draws=self.draws, reference=None, progress=progress,
                observables=observables(system), checkpoint=checkpoint and checkpoint / f"cooled{number}",
            )  # fmt: skip
            net = one.models["sampler"]
            found.append(of_weights(one, system))
            known.append(kaufman_square(T, self.side))
        return cooled_arrays(np.array(self.temperatures), found, known)


class Problem(NamedTuple):
    """A system, what is known of it, its network, and how long to train."""

    label: str
    system: Ising
    exact: Exact
    net: Any
    steps: int
    batch: int
    tolerance: float
    group: tuple[str, ...]


def observables(system: Ising) -> dict[str, Any]:
    """E and Σ s of a configuration."""
    return {"total_energy": system.energy, "total_magnetization": lambda x: jnp.sum(x.astype(float))}


def of_weights(result: Result, system: Ising) -> dict[str, Estimate]:
    """Thermodynamics of all samples by their weights."""
    columns = ("log_weight", "proposed_total_energy", "proposed_total_magnetization")
    log_weight, E, M = (result.arrays[name].to_numpy() for name in columns)
    found = thermodynamics(log_weight, E, M, float(system.beta), system.n_sites)
    return {name: Estimate(value, error) for name, (value, error) in found.items()}


def thermodynamic_checks(found: dict[str, Estimate], exact: Exact) -> list[Check]:
    """Energy, entropy, specific heat and, where known, susceptibility of the weighted samples; per site."""
    known = {
        "energy": exact.energy,
        "entropy": exact.entropy,
        "specific_heat": exact.specific_heat,
        "susceptibility": exact.susceptibility,
    }
    return [
        Check.within(f"{name.replace('_', ' ')} of weighted samples", found[name].value, value,
                     SIGMAS * (found[name].error or 0.0), error=found[name].error, source=exact.source, of=name)
        for name, value in known.items()
        if value is not None
    ]  # fmt: skip


def curves(found: dict[str, tuple[np.ndarray, np.ndarray]]) -> xr.Dataset:
    """Excess against seconds of training, padded with NaN."""
    longest = max(len(excess) for excess, _ in found.values())
    pad = lambda a: np.pad(np.asarray(a, float), (0, longest - len(a)), constant_values=np.nan)  # noqa: E731
    excess, seconds = (np.array([pad(one[part]) for one in found.values()]) for part in (0, 1))
    return xr.Dataset(
        {"free_energy_excess": (("system", "block"), excess), "training_seconds": (("system", "block"), seconds)},
        coords={"system": list(found)},
    )


def cooled_arrays(
    T: np.ndarray, found: list[dict[str, Estimate]], known: list[Exact]
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
                Check.at_most(f"{words} of weighted samples (all temperatures, in errors)", np.abs(z).max(), SIGMAS,
                              source="Kaufman 1949")
            )  # fmt: skip
    return xr.Dataset(arrays, coords={"temperature": T}), checks
