# SPDX-License-Identifier: Apache-2.0
"""Critical slowing down: how the autocorrelation time grows with the lattice at T_c, tau ∝ L^z."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.critical import exponent
from isinglass.checks.sampling import energy_checks
from isinglass.exact.lattice import onsager
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.choice import choose
from isinglass.sampling.ensemble.driver import Draws, SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.stats.autocorrelation import integrated_time
from isinglass.stats.fitting import LinearFit, power_law_fit
from isinglass.systems import Ising, at_temperatures

__all__ = ["CriticalSlowingDown"]

Z_SOURCE = "Nightingale and Blöte 1996, doi:10.1103/PhysRevLett.76.4548"


class Time(NamedTuple):
    """Integrated autocorrelation time in sweeps, with its error over chains."""

    tau: float
    error: float


@dataclass(frozen=True)
class CriticalSlowingDown(AbstractExperiment):
    """Measure tau(L) of the magnetization at T_c by single flips and by clusters, and fit z."""

    name: ClassVar[str] = "critical-slowing-down"
    task: ClassVar[str] = "sample"
    summary: ClassVar[str] = "autocorrelation time against L, flips and clusters"
    rows: ClassVar[tuple[int, ...]] = (2, 4)
    paper: ClassVar[str] = "Wolff 1989, doi:10.1103/PhysRevLett.62.361"
    claim: ClassVar[str] = "z = 2.17 for Metropolis, below 0.5 for Wolff clusters"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (8, 12, 16), "length": 100.0},
        "laptop": {},
        "paper": {"sizes": (8, 16, 32, 64, 128), "length": 400.0, "chains": 128},
    }

    sizes: tuple[int, ...] = (8, 12, 16, 24, 32)
    """Lattice sizes L."""
    length: float = 200.0
    """Length of each chain, in autocorrelation times."""
    chains: int = 64
    """Independent chains for each size."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Both methods at each size."""
        times: dict[str, list[Time]] = {}
        checks = []
        for m, method in enumerate(("metropolis", "wolff")):
            times[method] = []
            for i, L in enumerate(self.sizes):
                progress(m * len(self.sizes) + i, 2 * len(self.sizes), f"{method}, L = {L}")
                folder = None if checkpoint is None else checkpoint / f"{method}-{L}"
                draws = self.series(jax.random.fold_in(key, 1000 * m + L), method, L, folder)
                times[method].append(autocorrelation(draws, method))
                exact = Ising((L, L)).exact_energy(np.array([onsager.critical_temperature()]))
                for check in energy_checks(draws.energy / L**2, exact):
                    checks.append(replace(check, law=f"{check.law} ({method}, L = {L})"))
        fits = {method: power_law(self.sizes, found) for method, found in times.items()}
        z = {method: Estimate(float(fit.coefficients[1]), float(fit.errors[1])) for method, fit in fits.items()}
        slow, fast = z["metropolis"], z["wolff"]
        return Result(
            self.name,
            estimates={f"dynamic_exponent/{method}": value for method, value in z.items()},
            checks=[
                exponent(
                    slow,
                    2.17,
                    tolerance=0.1 + 2 * (slow.error or 0.0),
                    name="z of Metropolis",
                    source=Z_SOURCE,
                    of="dynamic_exponent/metropolis",
                ),
                Check.at_most(
                    "z of Wolff clusters is small",
                    fast.value,
                    0.5,
                    error=fast.error,
                    source=self.paper,
                    of="dynamic_exponent/wolff",
                ),
                *checks,
            ],
            arrays=self.arrays(times, fits),
            settings=asdict(self),
            figures=["autocorrelation"],
        )

    def series(self, key, method: str, L: int, folder: Path | None) -> Draws:
        """A run at T_c, about 20 draws to an autocorrelation time."""
        guess = 0.75 * L**2.17 if method == "metropolis" else 4.0 * L**0.3  # only sets the spacing of draws
        thin = max(1, int(guess / 20))
        system = Ising((L, L))
        batch = at_temperatures(system, np.array([onsager.critical_temperature()]))
        plan = SamplingPlan(
            samples=int(self.length * guess / thin) * self.chains,
            chains=self.chains,
            thin=thin,
            warmup=int(20 * guess),
            configurations=False,
        )
        x = starts(jax.random.fold_in(key, 0), system, 1, self.chains, "uniform")
        return draw(jax.random.fold_in(key, 1), choose(method, system), batch, x, plan, checkpoint=folder)

    def arrays(self, times: dict[str, list[Time]], fits: dict[str, LinearFit]) -> xr.Dataset:
        """What the figure draws."""
        found = np.array(list(times.values()))
        return xr.Dataset(
            {
                "autocorrelation_time": (("method", "size"), found[..., 0], {"unit": "sweeps"}),
                "autocorrelation_time_error": (("method", "size"), found[..., 1]),
                "exponent": ("method", [float(fit.coefficients[1]) for fit in fits.values()]),
                "exponent_error": ("method", [float(fit.errors[1]) for fit in fits.values()]),
                "amplitude": ("method", [float(np.exp(fit.coefficients[0])) for fit in fits.values()]),
            },
            coords={"method": list(times), "size": list(self.sizes)},
        )


def power_law(sizes: tuple[int, ...], times: list[Time]) -> LinearFit:
    """Straight line through ln tau against ln L; its slope is z."""
    tau, error = np.array(times).T
    return power_law_fit(jnp.asarray(sizes, float), jnp.asarray(tau), jnp.asarray(error))


def autocorrelation(draws: Draws, method: str) -> Time:
    """tau in sweeps, with the error over chains: of m for single flips, whose slowest motion is m -> -m; of |m| for
    clusters, which turn the sign at once.  A Wolff step counts as the share of spins it flips, <|C|>/N = <m^2>.
    """
    m = draws.order[0]
    if method == "wolff":
        tau = np.asarray(jax.vmap(integrated_time)(np.abs(m)).tau) * draws.thin * np.mean(m**2)
    else:
        tau = np.asarray(jax.vmap(integrated_time)(m).tau) * draws.thin
    return Time(float(tau.mean()), float(tau.std(ddof=1) / len(tau) ** 0.5))
