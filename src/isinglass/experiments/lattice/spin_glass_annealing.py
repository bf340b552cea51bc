# SPDX-License-Identifier: Apache-2.0
"""Simulated annealing of spin glasses, compared with ground states that are known exactly."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.exact.lattice.enumeration import ising_energies
from isinglass.exact.lattice.spin_glass import torus_ground_energy
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.sampling.ensemble.annealing import Geometric, Linear, Logarithmic
from isinglass.systems import Ising, edwards_anderson, sherrington_kirkpatrick
from isinglass.verbs import sample

__all__ = ["SpinGlassAnnealing"]

SK_SOURCE = "enumeration of 100 samples of 16 spins: -0.6419 ± 0.0070"


@dataclass(frozen=True)
class SpinGlassAnnealing(AbstractExperiment):
    """How often annealing finds the ground state of ±J glasses, against its length, for three schedules."""

    name: ClassVar[str] = "spin-glass-annealing"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "annealing against exact ground states of glasses"
    rows: ClassVar[tuple[int, ...]] = (3, 18)
    paper: ClassVar[str] = "Kirkpatrick, Gelatt and Vecchi 1983, doi:10.1126/science.220.4598.671"
    claim: ClassVar[str] = "never below the exact ground state; slow annealing reaches it in most samples"
    guide: ClassVar[str] = "docs/course/08_autoregressive.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"side": 6, "samples": 4, "runs": 16, "sweeps": (10, 100, 400), "sk_samples": 50},
        "laptop": {},
        "paper": {"side": 10, "samples": 64, "runs": 256, "sweeps": (10, 100, 1000, 10_000), "sk_samples": 1000},
    }

    side: int = 8
    """Side of the ±J torus; its exact ground state takes 4^side numbers."""
    samples: int = 16
    """Samples of the couplings."""
    runs: int = 32
    """Independent annealings for each sample."""
    sweeps: tuple[int, ...] = (10, 30, 100, 300, 1000)
    """Lengths of an annealing, in sweeps."""
    sk_spins: int = 16
    """Spins of the infinite-range glass, enumerated exactly."""
    sk_samples: int = 200
    """Samples of its couplings."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        key_glass, key_anneal, key_sk = jax.random.split(key, 3)
        glasses = [edwards_anderson(k, (self.side, self.side)) for k in jax.random.split(key_glass, self.samples)]
        exact = np.array([ground_energy(glass) for glass in glasses])
        success, excess, traces = {}, {}, {}
        for s, (name, schedule) in enumerate(self.schedules().items()):
            for n, sweeps in enumerate(self.sweeps):
                found = sample(
                    jax.random.fold_in(key_anneal, 100 * s + n), glasses, method=schedule(sweeps), sweeps=sweeps,
                    runs=self.runs, progress=telling(progress, f"{name}, {sweeps} sweeps"),
                    checkpoint=checkpoint and checkpoint / f"{name}-{sweeps}",
                )  # fmt: skip
                gap = found.arrays["energy"].to_numpy() - exact[:, None]
                success[name, sweeps] = np.mean(gap < 1e-9, axis=1)
                excess[name, sweeps] = gap
                trace = found.arrays["energy_after_sweep"].to_numpy()
                traces[name] = trace.mean(axis=0) / self.side**2  # [sweeps, runs], mean over samples
        report = telling(progress, "infinite-range glass")
        e0, reached = self.infinite_range(key_sk, report, checkpoint and checkpoint / "infinite-range")
        hits = {name: float(np.mean(success[name, self.sweeps[-1]])) for name in traces}
        hits_short = {name: float(np.mean(success[name, self.sweeps[0]])) for name in traces}
        return Result(
            self.name,
            estimates={
                "ground_state_energy": over_samples(exact / self.side**2),
                "ground_state_energy/sherrington_kirkpatrick": e0,
                **{f"success/{name}": over_samples(success[name, self.sweeps[-1]]) for name in hits},
            },
            checks=self.checks(excess, hits, hits_short, e0, reached),
            arrays=self.arrays(success, traces, float(exact.mean()) / self.side**2),
            settings=asdict(self),
            figures=["annealing"],
        )

    def checks(self, excess: dict, hits: dict, hits_short: dict, e0: Estimate, reached: float) -> list[Check]:
        """Against the exact ground states; `excess` is the energy above them, [samples, runs] for each kind of run."""
        lowest = min(float(gap.min()) for gap in excess.values())
        solved = np.max([gap.min(axis=1) < 1e-9 for gap in excess.values()], axis=0)
        best = max(hits, key=lambda name: hits[name])
        within = 4 * float(np.hypot(e0.error or 0.0, 0.0070))
        exact = "transfer matrix in (min, +) algebra"
        return [
            Check.at_least("no energy below the exact ground state", lowest, 0.0, tolerance=1e-9, source=exact),
            Check.at_least(
                "fraction of samples whose ground state some run finds", float(solved.mean()), 1.0, source=exact
            ),
            Check.at_least(
                f"fraction of the longest {best} runs that reach the ground state",
                hits[best],
                0.5,
                of=f"success/{best}",
            ),
            Check.at_least("slow annealing beats fast", hits[best], hits_short[best]),
            Check.at_least("fraction of infinite-range glasses solved", reached, 0.95, source="enumeration"),
            Check.within(
                "e_0 of the infinite-range glass, N = 16",
                e0.value,
                -0.6419,
                within,
                source=SK_SOURCE,
                of="ground_state_energy/sherrington_kirkpatrick",
            ),
        ]

    def schedules(self) -> dict[str, Any]:
        """The three schedules from hot to cold, by name."""
        return {
            "linear": lambda sweeps: Linear(3.0, 0.1),
            "geometric": lambda sweeps: Geometric(3.0, 0.1),
            "logarithmic": lambda sweeps: Logarithmic(3.0, sweeps),
        }

    def infinite_range(self, key: Any, progress: ProgressCallable, checkpoint: Path | None) -> tuple[Estimate, float]:
        """Exact mean ground-state energy per spin, and the share of samples in which annealing reaches it."""
        key_glass, key_anneal = jax.random.split(key)
        n = self.sk_spins
        glasses = [sherrington_kirkpatrick(k, n) for k in jax.random.split(key_glass, self.sk_samples)]
        states = [ising_energies(n, np.asarray(g.graph.bonds), np.asarray(g.J)) for g in glasses]
        exact = np.array([min(float(chunk.min()) for chunk in chunks) for chunks in states])
        found = sample(
            key_anneal, glasses, method=Geometric(2.0, 0.05), sweeps=max(self.sweeps[-1] // 4, 50), runs=8,
            progress=progress, checkpoint=checkpoint,
        )  # fmt: skip
        energy = found.arrays["energy"].to_numpy()
        return over_samples(exact / n), float(np.mean(energy.min(axis=1) - exact < 1e-9))

    def arrays(self, success: dict, traces: dict, ground: float) -> xr.Dataset:
        """Energy against the sweep, and success against the length of the annealing, for the figure."""
        longest = self.sweeps[-1]
        band = np.quantile(np.array(list(traces.values())), (0.16, 0.5, 0.84), axis=2)
        share = np.array([[success[name, n].mean() for n in self.sweeps] for name in traces])
        spread = np.array([[success[name, n].std(ddof=1) for n in self.sweeps] for name in traces])
        temperature = np.array(
            [schedule(longest)(jnp.linspace(0.0, 1.0, longest)) for schedule in self.schedules().values()]
        )
        return xr.Dataset(
            {
                "annealing_energy": (("schedule", "step"), band[1]),
                "annealing_energy_low": (("schedule", "step"), band[0]),
                "annealing_energy_high": (("schedule", "step"), band[2]),
                "annealing_temperature": (("schedule", "step"), temperature),
                "ground_state_energy": ground,
                "success": (("schedule", "sweeps"), share),
                "success_error": (("schedule", "sweeps"), spread / self.samples**0.5),
            },
            coords={"schedule": list(traces), "sweeps": list(self.sweeps), "step": np.arange(longest)},
        )


def ground_energy(glass: Ising) -> float:
    """Exact; the bonds of the square lattice come as all those down, then all those right."""
    down, right = np.asarray(glass.J).reshape(2, *glass.shape)
    return torus_ground_energy(down, right)


def over_samples(values: np.ndarray) -> Estimate:
    """Mean and standard error over the samples of the couplings."""
    return Estimate(float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5))
