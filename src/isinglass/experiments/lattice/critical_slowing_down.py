# SPDX-License-Identifier: Apache-2.0
"""Critical slowing down: how the autocorrelation time grows with the lattice at T_c, tau ∝ L^z."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from isinglass.checks.critical import exponent
from isinglass.exact.lattice import onsager
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.stats.autocorrelation import integrated_time
from isinglass.stats.fitting import LinearFit, power_law_fit
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled
from isinglass.verbs import sample

__all__ = ["CriticalSlowingDown"]

TC = onsager.critical_temperature()
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
    guide: ClassVar[str] = "docs/course/04_clusters.py"
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
            for L in self.sizes:
                report = telling(progress, f"{method}, L = {L}")
                folder = checkpoint and checkpoint / f"{method}-{L}"
                series = sample(
                    jax.random.fold_in(key, 1000 * m + L), Ising((L, L)), TC, method=method, chains=self.chains,
                    effective_samples=None, configurations=False, progress=report, checkpoint=folder,
                    **self.plan(method, L),
                )  # fmt: skip
                times[method].append(autocorrelation(series, method))
                checks += labelled(series.checks, f"{method}, L = {L}", estimates=False)
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
                ).resolved(),
                *checks,
            ],  # fmt: skip
            arrays=self.arrays(times, fits),
            settings=asdict(self),
            figures=["autocorrelation"],
        )

    def plan(self, method: str, L: int) -> dict[str, Any]:
        """About 20 measurements to an autocorrelation time, and `length` times in each chain."""
        guess = 0.75 * L**2.17 if method == "metropolis" else 4.0 * L**0.3  # only sets the spacing of measurements
        thin = max(1, int(guess / 20))
        draws = max(64, int(self.length * guess / thin))  # 64 is what the sampler measures at least
        return {"samples": draws * self.chains, "thin": thin, "warmup": int(20 * guess)}

    def arrays(self, times: dict[str, list[Time]], fits: dict[str, LinearFit]) -> xr.Dataset:
        """τ(L) of both methods with errors and fits, for the figure."""
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


def autocorrelation(series: Result, method: str) -> Time:
    """tau in sweeps, with the error over chains: of m for single flips, whose slowest motion is m -> -m; of |m| for
    clusters, which flip the sign at once.  A Wolff step counts as the share of spins it flips, <|C|>/N = <m^2>.
    """
    chains = int(series.arrays["chain"].max()) + 1
    m = series.arrays["order_parameter"].to_numpy()  # draw by draw; the last one may lack chains
    m = m[: len(m) // chains * chains].reshape(-1, chains).T
    tau = np.asarray(jax.vmap(integrated_time)(jnp.asarray(np.abs(m) if method == "wolff" else m)).tau)
    tau = tau * series.settings["thin"] * (np.mean(m**2) if method == "wolff" else 1)
    return Time(float(tau.mean()), float(tau.std(ddof=1) / len(tau) ** 0.5))
