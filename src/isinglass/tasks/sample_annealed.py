# SPDX-License-Identifier: Apache-2.0
"""Sample under a falling temperature: annealing, for the lowest energies of a system or of several glasses at once."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import sampling
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import AbstractTask, Verb, described, is_instance, setting

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.sampling.ensemble.annealing import AbstractTemperatureSchedule, Annealed
    from isinglass.systems.system import AbstractLatticeSystem

    Method = str | AbstractTemperatureSchedule
    Systems = AbstractLatticeSystem | list[AbstractLatticeSystem]
else:
    Method = Systems = Any

__all__ = ["SampleAnnealed"]

AGREEING = 3  # runs that must find the lowest energy
LATTICE = ("isinglass.systems.system:AbstractLatticeSystem",)
SCHEDULE = ("isinglass.sampling.ensemble.annealing:AbstractTemperatureSchedule",)


@dataclass(frozen=True)
class SampleAnnealed(AbstractTask):
    """Metropolis sweeps while the temperature falls; each run keeps its best configuration.

    Several systems that differ in the values of their parameters, such as samples of the couplings, run side by side.
    Law: no energy is below the ground state's; no single flip lowers the best one; several runs find it.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.systems.system:AbstractSystem", "builtins:list")
    guide: ClassVar[str] = "docs/course/01_metropolis.py"
    what: ClassVar[str] = "a system"

    method: Method = setting("annealing", choices=lambda: ["annealing"])
    """annealing: T falls by the same factor at every sweep; in Python also isinglass.sampling.Linear(...)."""
    hot: float | None = None
    """Temperature at the beginning; 1.5 times the rms change of energy by a random flip if not given."""
    cold: float | None = None
    """Temperature at the end; hot/30 if not given."""
    sweeps: int = 1000
    """Sweeps of each run."""
    runs: int = 32
    """Independent runs of each system."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is annealing."""
        return settings.get("method") == "annealing" or is_instance(settings.get("method"), SCHEDULE)

    def run(
        self, key: Any, problem: Systems, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Cool every run; the lowest energy of each system, and how many of its runs reach it."""
        begun = time.perf_counter()
        self.check_request(problem)
        schedule = self.method if not isinstance(self.method, str) else self.geometric(problem)
        found = sampling.anneal(
            key, sampling.Metropolis(), problem, schedule, sweeps=self.sweeps, runs=self.runs, progress=progress,
            checkpoint=None if checkpoint is None else checkpoint / "annealing.safetensors",
        )  # fmt: skip
        energy = np.asarray(found.energy, float).reshape(-1, self.runs)
        lowest = energy.min(axis=1)
        share = np.isclose(energy, lowest[:, None], rtol=1e-6, atol=1e-6).mean(axis=1)
        return Result(
            "annealing",
            estimates={"lowest_energy": over_systems(lowest), "share_of_runs": over_systems(share)},
            checks=[*local_minima(problem, np.asarray(found.x), energy), agreeing_runs(share * self.runs)],
            arrays=to_arrays(found, problem),
            settings={"schedule": repr(schedule), "sweeps": self.sweeps, "runs": self.runs},
            seconds=time.perf_counter() - begun,
            status=found.status,
        )

    def geometric(self, problem: Systems) -> "AbstractTemperatureSchedule":
        """From hot to cold by a constant factor; those not given by the changes of energy, to two digits."""
        several = problem if isinstance(problem, list) else [problem]
        hot = self.hot or float(f"{1.5 * max(rms_change(system) for system in several):.2g}")
        return sampling.Geometric(hot, self.cold or hot / 30)

    def check_request(self, problem: Systems) -> None:
        """Errors: InputError for an empty list, or for lengths and temperatures that are not positive."""
        expected = "a system on a lattice or graph, or a list of them, for annealing"
        if isinstance(problem, list) and not problem:
            raise InputError(expected, "an empty list", "make systems first")
        for one in problem if isinstance(problem, list) else [problem]:
            if not is_instance(one, LATTICE):
                raise InputError(expected, described(one), "sample another system at low temperature")
        for name in ("sweeps", "runs", "hot", "cold"):
            if getattr(self, name) is not None and not getattr(self, name) > 0:
                raise InputError(f"{name} above 0", str(getattr(self, name)), "choose a larger number")


def rms_change(system: "AbstractLatticeSystem", n: int = 64) -> float:
    """√<ΔE²> over proposals at every variable of n random configurations: the scale of temperature of a system.

    Spins ±1 with couplings J_ij and fields h_i: 2 √(mean_i (h_i² + Σ_j J_ij²)).
    """
    import jax
    import jax.numpy as jnp

    @jax.jit
    def squares(key):
        key_x, key_y = jax.random.split(key)
        x = system.random_configuration(key_x)
        y = system.propose(key_y, x.reshape(-1))
        return jnp.square(system.energy_changes(x, y, jnp.arange(x.size))).mean()

    return float(np.sqrt(np.mean([squares(key) for key in jax.random.split(jax.random.key(0), n)])))


def over_systems(values: np.ndarray) -> Estimate:
    """Mean, with the standard error over the systems where there are several."""
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Estimate(float(values.mean()), error)


def local_minima(problem: Systems, x: np.ndarray, energy: np.ndarray) -> list[Check]:
    """min_i E(x with spin i flipped) - E(x) >= 0 for the best x of each system, spins ±1."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    several = problem if isinstance(problem, list) else [problem]
    if several[0].variable.name != "ising":
        return []
    x = x.reshape(*energy.shape, *several[0].shape)

    @eqx.filter_jit
    def rise(system, x):
        flip = lambda i: x.reshape(-1).at[i].multiply(-1).reshape(x.shape)  # noqa: E731
        return jax.lax.map(lambda i: system.energy(flip(i)), jnp.arange(x.size)).min() - system.energy(x)

    best = [rise(one, jnp.asarray(x[s, energy[s].argmin()])) for s, one in enumerate(several)]
    rounding = 1e-5 * float(np.abs(energy).max())
    return [Check.at_least("no single flip lowers the lowest energy", float(min(best)), 0.0, tolerance=rounding)]


def agreeing_runs(runs: np.ndarray) -> Check:
    """How many independent runs end in the lowest energy, of the system with the fewest.

    A lowest energy that one run alone has found may be beaten by the next: below 3 the check is unknown.  Resolution: a
    ground state that a run finds with a chance of 9 / runs stays unseen by all of them in 1 case of 10^4.
    """
    few = round(float(runs.min()))
    law = "independent runs that end in the lowest energy, of the system with the fewest"
    law += "" if few >= AGREEING else "; it need not be the ground state's: more sweeps or runs decide"
    return Check(law, few, AGREEING, 0.0, "pass" if few >= AGREEING else "unknown", relation=">=")


def to_arrays(found: "Annealed", problem: Systems) -> "xr.Dataset":
    """The best configuration of every run, its energy, and the energies on the way."""
    import xarray as xr

    from isinglass.tasks.outcome.annotation import annotated

    x, energy = np.asarray(found.x), np.asarray(found.energy)
    runs = ("system", "sample") if isinstance(problem, list) else ("sample",)
    axes = tuple(f"axis_{i}" for i in range(x.ndim - energy.ndim))
    one = problem[0] if isinstance(problem, list) else problem
    table = xr.Dataset(
        {
            "configurations": ((*runs, *axes), x, {"kind": one.variable.name}),
            "energy": (runs, energy),
            "energy_after_sweep": ((*runs[:-1], "sweep", "sample"), np.asarray(found.trace)),
            "annealing_temperature": ("sweep", np.asarray(found.temperature)),
        }
    )
    return table if isinstance(problem, list) else annotated(table, problem)
