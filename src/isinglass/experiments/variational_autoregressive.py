# SPDX-License-Identifier: Apache-2.0
"""Free energies from an autoregressive network that knows nothing but the energy, beside the exact ones."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.exact import kaufman, onsager
from isinglass.exact.enumeration import boltzmann, ising_energies
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.nets.masked_dense import MaskedDense
from isinglass.report.progress import ProgressCallable, silent
from isinglass.result import Check, Estimate, Result
from isinglass.sampling.importance import effective_share, importance_sample, log_partition_function
from isinglass.sampling.variational_autoregressive import VariationalFreeEnergy
from isinglass.systems import Ising, sherrington_kirkpatrick
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["VariationalAutoregressive"]

TC = onsager.critical_temperature()


@dataclass(frozen=True)
class VariationalAutoregressive(AbstractExperiment):
    """The variational free energy bounds the exact one from above and comes near; weights close the gap."""

    name: ClassVar[str] = "variational-autoregressive"
    task: ClassVar[str] = "sample"
    rows: ClassVar[tuple[int, ...]] = (18, 86, 87)
    paper: ClassVar[str] = "Wu, Wang and Zhang 2019, arXiv:1809.10606"
    claim: ClassVar[str] = (
        "never below the exact free energy; 1e-4 above at most for L = 4, 8 and glasses, 1e-3 at L = 16"
    )
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (4,), "tolerances": (1e-3,), "hidden": (4,), "steps": (300,), "batch": (256,), "glass": 8,
                  "glass_steps": 300, "glass_tolerance": 1e-3, "draws": 4096},
        "laptop": {},
        "paper": {"steps": (2000, 10_000, 20_000), "hidden": (8, 32, 32), "batch": (1024, 2048, 2048),
                  "draws": 200_000},
    }  # fmt: skip

    sizes: tuple[int, ...] = (4, 8, 16)
    """Sides L of the Ising model at T_c."""
    hidden: tuple[int, ...] = (8, 16, 4)
    """Hidden units at each spin, for each size."""
    steps: tuple[int, ...] = (1000, 2000, 800)
    """Training steps, for each size."""
    batch: tuple[int, ...] = (512, 512, 256)
    """Draws in a step, for each size."""
    tolerances: tuple[float, ...] = (1e-4, 1e-4, 1e-3)
    """Allowed relative excess of the variational free energy, for each size."""
    learning_rate: float = 5e-3
    """At the beginning; it falls as a cosine."""
    glass: int = 20
    """Spins of a Sherrington-Kirkpatrick glass at T = 1; 0: none."""
    glass_steps: int = 1500
    """Training steps of the glass."""
    glass_tolerance: float = 1e-4
    """Allowed relative excess of its free energy."""
    draws: int = 20_000
    """Draws for the final free energies."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Train one network for each system; draw, bound, weigh."""
        key_glass, key_train = jax.random.split(key)
        problems = self.problems(key_glass)
        solved = [
            self.solve(k, problem, progress, checkpoint)
            for k, problem in zip(jax.random.split(key_train, len(problems)), problems, strict=True)
        ]
        longest = max(len(one.seconds) for one in solved)
        pad = lambda a: np.pad(np.asarray(a, float), (0, longest - len(a)), constant_values=np.nan)  # noqa: E731
        return Result(
            self.name,
            settings=asdict(self),
            estimates={name: estimate for one in solved for name, estimate in one.estimates.items()},
            checks=[check for one in solved for check in one.checks],
            models={problem.label: one.model for problem, one in zip(problems, solved, strict=True)},
            arrays=xr.Dataset(
                {
                    "free_energy_excess": (("system", "block"), np.array([pad(one.excess) for one in solved])),
                    "training_seconds": (("system", "block"), np.array([pad(one.seconds) for one in solved])),
                },
                coords={"system": [problem.label for problem in problems]},
            ),
            figures=["free_energy_excess"],
        )

    def problems(self, key: Any) -> "list[Problem]":
        """The systems with their exact ln Z."""
        settings = zip(self.sizes, self.hidden, self.steps, self.batch, self.tolerances, strict=True)
        found = []
        for L, hidden, steps, batch, tolerance in settings:
            log_z = float(kaufman.log_partition_function(TC, L)) * L * L
            system = Ising((L, L), temperature=TC)
            found.append(Problem(f"L{L}", system, log_z, "Kaufman 1949", hidden, steps, batch, tolerance))
        if self.glass:
            system = sherrington_kirkpatrick(key, self.glass, temperature=1.0)
            states = ising_energies(self.glass, np.asarray(system.graph.bonds), np.asarray(system.J))
            log_z = boltzmann(states, 1.0).log_Z
            last = (8, self.glass_steps, 512, self.glass_tolerance)
            found.append(Problem(f"SK{self.glass}", system, log_z, "enumeration", *last))
        return found

    def solve(self, key: Any, problem: "Problem", progress: ProgressCallable, checkpoint: Path | None) -> "Solved":
        """One system: ln Z by the bound, and by weights."""
        key_net, key_fit, key_draw = jax.random.split(key, 3)
        label, system, exact = problem.label, problem.system, problem.log_z
        settings = Training(
            optimizer=Optimizer("adam", self.learning_rate, "cosine", clip=1.0),
            steps=problem.steps,
            block=max(1, problem.steps // 40),
        )
        trained = fit(
            key_fit,
            MaskedDense(key=key_net, shape=system.shape, hidden=problem.hidden),
            VariationalFreeEnergy(system, problem.batch),
            None,
            settings=settings,
            checkpoint=None if checkpoint is None else checkpoint / f"{label}.safetensors",
            progress=lambda record: progress(
                record.step, problem.steps, f"{label}: beta F = {float(np.mean(record.loss)):.6g}"
            ),
        )
        weighted = importance_sample(key_draw, trained.model, system, self.draws)
        bound = float(-weighted.log_weight.mean())
        error = float(weighted.log_weight.std(ddof=1) / self.draws**0.5)
        log_z, scale = log_partition_function(weighted), 1 / float(system.beta) / float(np.prod(system.shape))
        excess, law = (bound + exact) / exact, "variational free energy"
        return Solved(
            {
                f"free_energy/{label}": Estimate(bound * scale, error * scale),
                f"log_partition_function/{label}": Estimate(log_z.value, log_z.error),
                f"effective_share/{label}": effective_share(weighted),
                f"training_seconds/{label}": Estimate(float(trained.history.seconds[-1]), unit="s"),
            },
            [
                Check.at_least(f"{law} never below the exact one ({label}, relative)", excess, 0.0,
                               tolerance=4 * error / exact, error=error / exact, source=problem.source),
                Check.at_most(f"{law} near the exact one ({label}, relative)", excess, problem.tolerance,
                              error=error / exact, source=problem.source),
                Check.within(f"ln Z by importance weights ({label})", log_z.value, exact, 4 * (log_z.error or 0.0),
                             error=log_z.error, source=problem.source),
            ],
            trained.model,
            trained.history.seconds,
            (np.asarray(trained.history.loss) + exact) / exact,
        )  # fmt: skip


class Problem(NamedTuple):
    """A system, what is known of it, and how long to train."""

    label: str
    system: Ising
    log_z: float  # exact
    source: str
    hidden: int
    steps: int
    batch: int
    tolerance: float


class Solved(NamedTuple):
    """What one network found."""

    estimates: dict[str, Estimate]
    checks: list[Check]
    model: MaskedDense
    seconds: np.ndarray  # of training, after each block
    excess: np.ndarray  # of the variational free energy, relative
