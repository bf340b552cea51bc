# SPDX-License-Identifier: Apache-2.0
"""The dimension of Ising configurations about the transition, and what their energy tells of the temperature."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr

from isinglass.data.configurations import Configurations
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.exact.lattice.temperature_posterior import temperature_information
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.theory_curve import beyond
from isinglass.inference.dimension.neighbors import nearest_two
from isinglass.inference.dimension.two_nearest import dimension_of
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled
from isinglass.verbs import sample

__all__ = ["DataManifold"]

TC = onsager.critical_temperature()
DRAWS = 400  # bootstrap draws of sets, for the place of the minimum
SAME_CHAIN = 0.1
MENDES_SANTOS = "Mendes-Santos et al. 2021, arXiv:2006.12953"
KAUFMAN = "Kaufman 1949, doi:10.1103/PhysRev.76.1232"


class DimensionCurve(NamedTuple):
    """At each temperature, over sets of rows that share no chain."""

    of_sets: np.ndarray  # [point, set]
    hub: np.ndarray  # [point] largest share of rows with one nearest neighbor
    same_chain: np.ndarray  # [point] share of nearest neighbors from the same chain, less that by chance

    @property
    def mean(self) -> np.ndarray:
        """Over sets."""
        return self.of_sets.mean(axis=1)

    @property
    def error(self) -> np.ndarray:
        """By the spread of sets."""
        return self.of_sets.std(axis=1, ddof=1) / self.of_sets.shape[1] ** 0.5


@dataclass(frozen=True)
class DataManifold(AbstractExperiment):
    """Sets of configurations at each temperature; the dimension by the ratio of the distances of two neighbors.

    The error is the spread of sets: in the ordered phase a few rows are the nearest neighbor of hundreds, and d/√n is
    several times too small.  Distances: spins that differ.
    """

    name: ClassVar[str] = "data-manifold"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "intrinsic dimension of Ising configurations, least near the transition"
    rows: ClassVar[tuple[int, ...]] = (14,)
    paper: ClassVar[str] = "Mendes-Santos et al. 2021, arXiv:2006.12953"
    claim: ClassVar[str] = (
        "a least dimension within 0.15 of T_c on the largest lattice, deeper than on the smallest; 1/√I of the energy "
        "within 4 errors of Fisher's bound"
    )
    guide: ClassVar[str] = "docs/dimension.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (16, 48), "temperature": (2.0, 2.1, 2.2, 2.3, 2.36, 2.42, 2.6),
                  "thermometer_sizes": (16,)},
        "laptop": {},
        "paper": {"sizes": (16, 32, 64, 96, 128), "configurations": 1024, "sets": 32},
    }  # fmt: skip

    sizes: tuple[int, ...] = (16, 32, 64)
    """Sides of the lattices."""
    temperature: tuple[float, ...] = (2.0, 2.1, 2.2, 2.26, 2.3, 2.34, 2.38, 2.42, 2.5, 2.6)
    """Temperatures about the transition, three of them below."""
    configurations: int = 256
    """Configurations in a set: a dimension is of a number of them."""
    sets: int = 16
    """Sets at each temperature; they share no chain."""
    chains: int = 8
    """Markov chains of each set."""
    thermometer_sizes: tuple[int, ...] = (16, 32)
    """Sides of the lattices whose energy is a thermometer."""
    tolerance: float = 0.15
    """Allowed |T of the least dimension - T_c|, on the largest lattice."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Sample, measure and compare."""
        result = Result(self.name, settings=asdict(self), figures=["dimension_temperature"])
        T, curves = np.array(self.temperature), {}
        for L in self.sizes:
            found = self.sampled(key, L, T, progress, checkpoint)
            result.checks += labelled(found.checks, f"L = {L}", estimates=False)
            curves[L] = self.curve(from_dataset(found.arrays))
        rng = np.random.default_rng(np.asarray(jax.random.key_data(jax.random.fold_in(key, 1))))
        result.checks = [*self.claims(rng, T, curves, result.estimates), *result.checks]
        self.add_thermometer(key, result, progress, checkpoint)
        result.arrays = arrays(T, curves)
        return result

    def sampled(self, key: Any, L: int, T: np.ndarray, progress: ProgressCallable, checkpoint: Path | None) -> Result:
        """One size by single flips from equal spins, a measurement in each relaxation time."""
        chains, thin = self.sets * self.chains, max(8, round(relaxation_time(L)))
        return sample(
            jax.random.fold_in(key, L), Ising((L, L)), list(T), method="metropolis", start="uniform", chains=chains,
            samples=self.sets * self.configurations, thin=thin, warmup=10 * thin, effective_samples=None,
            progress=telling(progress, f"L = {L}"), checkpoint=checkpoint and checkpoint / f"manifold-{L}",
        )  # fmt: skip

    def curve(self, c: Configurations) -> DimensionCurve:
        """The dimension of each set.  Below T_c chains keep their sign; they start with either, in turn."""
        table = []
        for T in c.points:
            at = c.parameter == T
            x, chain = c.x[at].reshape(at.sum(), -1), np.unique(c.group[at], return_inverse=True)[1]
            found = []
            for k in range(self.sets):
                own = chain // self.chains == k
                near, of = nearest_two(x[own].astype(float)), chain[own]
                by_chance = (np.bincount(of)[of] - 1).mean() / (len(of) - 1)
                found.append((dimension_of(near), np.bincount(near.first).max() / len(of),
                              np.mean(of[near.first] == of) - by_chance))  # fmt: skip
            table.append(found)
        d, hub, same = np.moveaxis(np.array(table), 2, 0)
        return DimensionCurve(d, hub.mean(axis=1), same.mean(axis=1))

    def claims(
        self, rng: np.random.Generator, T: np.ndarray, curves: dict[int, DimensionCurve], estimates: dict[str, Estimate]
    ) -> list[Check]:
        """On the largest lattice there is a minimum near T_c, and it is deeper than on the smallest."""
        for L, curve in curves.items():
            place = minimum(T, curve.of_sets.mean(axis=1))
            draws = rng.integers(0, self.sets, (DRAWS, self.sets))
            spread = np.array([minimum(T, curve.of_sets[:, one].mean(axis=1)) for one in draws])
            at = int(np.abs(T - place).argmin()) if np.isfinite(place) else int(np.abs(T - TC).argmin())
            below = over(curve, T < TC - 0.05, at)  # noqa: PLR2004
            above = over(curve, T >= T.max(), at)
            estimates |= {f"least_dimension/L={L}": Estimate(float(curve.mean[at]), float(curve.error[at])),
                          f"dimension_below_over_least/L={L}": below,
                          f"dimension_above_over_least/L={L}": above}  # fmt: skip
            if np.isfinite(spread).mean() > 0.95:  # noqa: PLR2004
                estimates[f"least_dimension_temperature/L={L}"] = Estimate(place, float(np.nanstd(spread)))
        large, small = max(curves), min(curves)
        estimates |= without_size([(L, estimates.get(f"least_dimension_temperature/L={L}")) for L in sorted(curves)])
        checks = [
            beyond(f"dimension {side} T_c over the least one, L = {large}", estimates[name], 1.0, MENDES_SANTOS, name)
            for side in ("below", "above") if (name := f"dimension_{side}_over_least/L={large}")
        ]  # fmt: skip
        if (name := f"least_dimension_temperature/L={large}") in estimates:
            place = estimates[name]
            law = f"temperature of the least dimension, L = {large}"
            checks.append(
                Check.within(law, place.value, TC, self.tolerance, error=place.error, source=MENDES_SANTOS, of=name)
            )
        if small < large:
            one, other = (estimates[f"dimension_below_over_least/L={L}"] for L in (large, small))
            grown = Estimate(one.value - other.value, float(np.hypot(one.error or 0.0, other.error or 0.0)))
            law = f"the minimum is deeper on the larger lattice: ratio to below T_c, L = {large} less L = {small}"
            checks.append(beyond(law, grown, 0.0, MENDES_SANTOS))
        worst = max(float(curve.same_chain[T > TC].max()) for curve in curves.values())
        law = "share of nearest neighbors from the same chain above T_c, less that by chance"
        return [*checks, Check.at_most(law, worst, SAME_CHAIN)]

    def add_thermometer(self, key: Any, result: Result, progress: ProgressCallable, checkpoint: Path | None) -> None:
        """σ_T = 1/√I = T²/√Var(E): E is a sufficient statistic, and no estimate of T by one configuration is better."""
        for L in self.thermometer_sizes:
            found = sample(
                jax.random.fold_in(key, 1000 + L), Ising((L, L)), [2.0, TC], method="metropolis", start="uniform",
                samples=8192, chains=128, thin=max(8, round(relaxation_time(L))), effective_samples=None,
                progress=telling(progress, f"thermometer, L = {L}"), checkpoint=checkpoint and checkpoint / f"T-{L}",
            )  # fmt: skip
            c = from_dataset(found.arrays)
            for T in c.points:
                at = c.parameter == T
                sigma, exact = thermometer(c.x[at], c.group[at], float(T)), temperature_information(T, L) ** -0.5
                name = f"temperature_error/L={L},T={T:.4g}"
                result.estimates[name] = sigma
                law = f"least error of T by the energy of one configuration, L = {L}, T = {T:.4g}"
                result.checks.append(Check.within(law, sigma.value, exact, 4 * (sigma.error or 0.0), error=sigma.error,
                                                  source=KAUFMAN, of=name))  # fmt: skip


def minimum(T: np.ndarray, d: np.ndarray) -> float:
    """Where a parabola through ln d at its least value and two temperatures on each side is least; NaN without one.

    Only inside of the range, at T > 2.25, where sets are even enough to tell.
    """
    inside = np.flatnonzero((T > 2.25) & (np.arange(len(T)) < len(T) - 1))  # noqa: PLR2004
    if not len(inside):
        return np.nan
    k = int(inside[d[inside].argmin()])
    near = slice(max(k - 1, 0), k + 3) if k == inside[0] else slice(max(k - 2, 0), k + 3)
    a, b, _ = np.polyfit(T[near] - T[k], np.log(d[near]), 2)
    place = float(T[k] - b / (2 * a)) if a > 0 else np.nan
    return place if T[inside[0]] - 0.05 < place < T[-1] else np.nan  # noqa: PLR2004


def without_size(places: list[tuple[int, Estimate | None]]) -> dict[str, Estimate]:
    """T_c of T(L) = T_c + a/L, ν = 1, from the two largest sizes; none where either has no least dimension."""
    (small, one), (large, two) = places[-2:] if len(places) > 1 else [(1, None)] * 2
    if one is None or two is None:
        return {}
    error = np.hypot(large * (two.error or 0.0), small * (one.error or 0.0)) / (large - small)
    return {"critical_temperature": Estimate((large * two.value - small * one.value) / (large - small), float(error))}


def over(curve: DimensionCurve, where: np.ndarray, at: int) -> Estimate:
    """Mean dimension of some temperatures over that at one of them."""
    top, error = curve.mean[where].mean(), np.sqrt(np.mean(curve.error[where] ** 2) / max(where.sum(), 1))
    ratio = float(top / curve.mean[at])
    return Estimate(ratio, ratio * float(np.hypot(error / top, curve.error[at] / curve.mean[at])))


def thermometer(x: np.ndarray, chain: np.ndarray, T: float) -> Estimate:
    """T²/√Var(E) of configurations x [n, L, L], its error by leaving out chains."""
    s = x.astype(float)
    E = -(s * np.roll(s, 1, axis=1) + s * np.roll(s, 1, axis=2)).sum(axis=(1, 2))
    group = np.unique(chain, return_inverse=True)[1]
    sums = np.stack([np.bincount(group, w) for w in (np.ones_like(E), E, E * E)])

    def sigma(n: Any, one: Any, two: Any) -> Any:
        return T**2 / np.sqrt(two / n - (one / n) ** 2)

    each = sigma(*(sums.sum(axis=1, keepdims=True) - sums))
    error = np.sqrt((len(each) - 1) * each.var())
    return Estimate(float(sigma(*sums.sum(axis=1))), float(error))


def arrays(T: np.ndarray, curves: dict[int, DimensionCurve]) -> xr.Dataset:
    """Curves by size."""
    names = {"dimension": "mean", "dimension_error": "error", "hub_share": "hub", "same_chain": "same_chain"}
    return xr.Dataset(
        {name: (("size", "point"), np.stack([getattr(c, of) for c in curves.values()])) for name, of in names.items()},
        coords={"size": list(curves), "parameter_values": ("point", T)},
        attrs={"parameter": "temperature", "exact_critical_parameter": TC},
    )
