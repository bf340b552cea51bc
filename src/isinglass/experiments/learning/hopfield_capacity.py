# SPDX-License-Identifier: Apache-2.0
"""How many patterns a Hopfield network holds: overlaps, errors, basins and capacity, simulated and by theory."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr

from isinglass.errors import InputError
from isinglass.exact.learning import hopfield
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.learning.hopfield_ensemble import Retrieved, retrieve, warm_overlaps
from isinglass.experiments.learning.hopfield_scaling import capacity_by_crossing, capacity_by_overlaps, to_infinity
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["HopfieldCapacity"]

AGS = "Amit, Gutfreund and Sompolinsky, doi:10.1103/PhysRevLett.55.1530"
SIGMAS = 3.0
KEPT = 0.85  # overlap of a state that is near its pattern; those that are lost end near 0.35
MOST = 0.16  # largest load
WARM_LOAD = 0.05
RESOLVED = 0.01  # error of a crossing beyond which it tells nothing


@dataclass(frozen=True)
class HopfieldCapacity(AbstractExperiment):
    """Samples of random patterns, each retrieved from itself or from a cue by descent at zero temperature."""

    name: ClassVar[str] = "hopfield-capacity"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "Hopfield networks: overlaps, errors and capacity beside theory; dense memories"
    rows: ClassVar[tuple[int, ...]] = (91,)
    paper: ClassVar[str] = "Amit, Gutfreund and Sompolinsky 1985, doi:10.1103/PhysRevLett.55.1530"
    claim: ClassVar[str] = (
        "overlaps, extrapolated in 1/N, within three standard errors of theory at loads 0.05 to 0.13; the capacity "
        "that they tell within 0.002 and three errors of 0.1379; one-step errors, a warm network, mixtures, dense "
        "memories and the pseudo-inverse as by theory"
    )
    guide: ClassVar[str] = "docs/hopfield.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (300, 800), "samples": 16, "basin_samples": 8, "capacity_loads": (0.14, 0.15),
                  "cue_overlaps": (0.1, 0.3, 0.5, 0.8), "warm_samples": 8, "warm_neurons": 400},
        "laptop": {},
        "paper": {"sizes": (500, 1000, 2000, 4000, 8000, 16000), "samples": 400, "cues": 16, "basin_samples": 64,
                  "warm_samples": 64, "warm_neurons": 2000},
    }  # fmt: skip

    sizes: tuple[int, ...] = (500, 1000, 2000)
    """Numbers N of neurons, for the extrapolation."""
    samples: int = 64
    """Samples of patterns at the largest; of others as many more as they are smaller."""
    cues: int = 8
    """Patterns of each sample that are retrieved."""
    loads: tuple[float, ...] = (0.05, 0.10, 0.12, 0.13)
    """Loads α = P/N whose overlaps are compared with theory."""
    capacity_loads: tuple[float, ...] = (0.135, 0.14, 0.145, 0.15)
    """More loads, through the capacity."""
    basin_samples: int = 32
    """Samples for each point of the basins of attraction."""
    cue_overlaps: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
    """Overlaps of cues, for the basins."""
    warm_samples: int = 32
    """Samples of the network at a temperature."""
    warm_neurons: int = 500
    """Its neurons."""
    temperature: float = 0.3
    """Its temperature, at a load of 0.05."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Simulate every size and load, extrapolate, compare.

        Errors: InputError for loads or a temperature of which theory has no retrieval state, and too small networks.
        """
        self.check_request()
        keys = iter(jax.random.split(key, 4 + len(self.sizes) * (len(self.loads) + len(self.capacity_loads) + 32)))
        alphas, total = (*self.loads, *self.capacity_loads), len(self.sizes) + 3
        found: dict[tuple[int, float], Retrieved] = {}
        for i, N in enumerate(self.sizes):
            progress(i, total, f"{N} neurons")
            found |= {(N, a): self.retrieved(next(keys), N, a) for a in alphas}
        progress(total - 3, total, "basins of attraction")
        basin_size = sorted(self.sizes)[(len(self.sizes) - 1) // 2]
        basins = {(a, m): self.retrieved(next(keys), basin_size, a, m, self.basin_samples)
                  for a in self.loads[:2] for m in self.cue_overlaps}  # fmt: skip
        mixed = self.retrieved(next(keys), max(self.sizes), (self.cues + 2) / max(self.sizes), mixed=True)
        progress(total - 2, total, f"T = {self.temperature:g}")
        warm = np.asarray(warm_overlaps(jax.random.split(next(keys), self.warm_samples), self.warm_neurons,
                                        round(WARM_LOAD * self.warm_neurons), self.temperature, 200))  # fmt: skip
        progress(total - 1, total, "dense memories, pseudo-inverse")
        others = self.others(next(keys))
        return self.told(found, basins, basin_size, mixed, warm, others)

    def check_request(self) -> None:
        """What theory and the samples need."""
        top = hopfield.capacity()
        if top is not None and not all(0 < a < top.alpha for a in self.loads):
            fix = "put larger ones into capacity_loads"
            raise InputError(f"loads below the capacity {top.alpha:.4f}", f"{max(self.loads):g}", fix)
        if not all(0 < a <= MOST for a in self.capacity_loads):
            raise InputError(f"capacity_loads of at most {MOST}", f"{max(self.capacity_loads):g}", "leave it out")
        if self.temperature < hopfield.COLDEST or hopfield.retrieval_state(WARM_LOAD, self.temperature) is None:
            found = f"{self.temperature:g}"
            raise InputError(f"a temperature at which load {WARM_LOAD:g} is retrieved", found, "choose 0.1 to 0.4")
        if not all(0 < m <= 1 for m in self.cue_overlaps):
            raise InputError("cue_overlaps from 0 to 1", f"{max(self.cue_overlaps):g}", "leave it out")
        least = round((self.cues + 2) / min(self.loads))
        if min(*self.sizes, least) < least or len(set(self.sizes)) < 2:  # noqa: PLR2004
            found = ", ".join(map(str, self.sizes))
            raise InputError(f"two sizes or more, of {least} neurons or more", found, "give larger ones or fewer cues")
        if min(self.samples, self.basin_samples, self.warm_samples) < 2:  # noqa: PLR2004
            raise InputError("two samples or more", "1", "errors are those over samples")

    def retrieved(
        self, key: Any, N: int, alpha: float, start: float = 1.0, samples: int | None = None, *, mixed: bool = False
    ) -> Retrieved:
        """In rounds of equally many samples, so that one program serves all loads of a size."""
        want, each = samples or self.samples * max(self.sizes) // N, self.basin_samples
        rounds = [retrieve(k, N, round(MOST * N), round(alpha * N), start, self.cues, mixed=mixed)
                  for k in jax.random.split(key, (-(-want // each), each))]  # fmt: skip
        return jax.tree.map(lambda *a: np.concatenate(a), *rounds)

    def others(self, key: Any) -> dict[str, Retrieved]:
        """100 neurons: a cubic memory of 460 patterns, from cues of overlap 0.8; 90 by the pseudo-inverse."""
        keys, cue = jax.random.split(key, (2, self.basin_samples)), {"neurons": 100, "cues": 8}
        made = {
            "dense": retrieve(keys[0], most=460, load=460, start=0.8, rule=3, **cue),
            "pseudo-inverse": retrieve(keys[1], most=90, load=90, start=1.0, rule="pseudo-inverse", **cue),
        }
        return jax.tree.map(np.asarray, made)

    def told(
        self, found: dict, basins: dict, basin_size: int, mixed: Retrieved, warm: np.ndarray, others: dict
    ) -> Result:
        """Estimates, checks, arrays."""
        near = {(N, a): kept(one, N) for (N, a), one in found.items()}
        m = {a: to_infinity({N: near[N, a] for N in self.sizes}) for a in self.loads}
        share = {at: over_samples((one.overlap > KEPT).mean(axis=1)) for at, one in found.items()}
        crossing, order = capacity_by_crossing({at: s for at, s in share.items() if at[1] >= self.loads[-1]})
        by_overlaps = capacity_by_overlaps({a: e for a, e in m.items() if a > 0.05})  # noqa: PLR2004
        held = {at: over_samples((one.overlap > KEPT).mean(axis=1)) for at, one in basins.items()}
        told = {f"overlap/{a:g}": e for a, e in m.items()}
        told |= {"capacity/overlaps": by_overlaps, "capacity/crossing": crossing, "crossing_exponent": order}
        told |= {f"one_step_error/{a:g}": over_samples(found[max(self.sizes), a].unstable.mean(axis=1))
                 for a in (*self.loads[1:], *self.capacity_loads[-1:])}  # fmt: skip
        state = hopfield.retrieval_state(WARM_LOAD, self.temperature)
        assert state is not None  # noqa: S101
        told |= {"overlap/warm": over_samples(warm[warm > state.m / 2]),
                 "overlap/mixture": over_samples(mixed.overlap.mean(axis=1)),
                 "overlap/dense": over_samples(others["dense"].overlap.mean(axis=1)),
                 "one_step_error/dense": over_samples(others["dense"].unstable.mean(axis=1)),
                 "overlap/pseudo-inverse": over_samples(others["pseudo-inverse"].overlap.mean(axis=1))}  # fmt: skip
        stable = all(bool(one.stable.all()) for one in (*found.values(), *basins.values(), mixed, *others.values()))
        return Result(
            self.name, estimates=told, checks=self.checks(told, stable), settings=asdict(self),
            arrays=self.arrays(near, m, share, held, basin_size),
            figures=["overlap_load", "retrieval_share", "basins"],
            notes=["capacity/crossing: the load at which the share of runs that stay near their pattern depends on N "
                   "no more. Descents at zero temperature stop in any minimum, so that it may lie above the capacity "
                   "of theory, 0.1379, or 0.1382 with broken replica symmetry (arXiv:2403.01907).",
                   "capacity/overlaps: the theory's m(α/α_c) through the extrapolated overlaps, with α_c as its one "
                   "parameter. Overlaps are those of runs that stay near their pattern."],
        )  # fmt: skip

    def checks(self, told: dict[str, Estimate], stable: bool) -> list[Check]:  # noqa: FBT001
        """Each estimate against theory."""
        checks = [Check.at_least("share of descents that end in a minimum", float(stable), 1.0)]
        N, add = max(self.sizes), lambda law, of, exact, more=0.0, source=AGS: checks.append(  # noqa: E731
            Check.within(law, told[of].value, exact, SIGMAS * (told[of].error or 0.0) + more, error=told[of].error,
                         source=source, of=of).resolved())  # fmt: skip
        for a in self.loads:
            state = hopfield.retrieval_state(a)
            assert state is not None  # noqa: S101
            add(f"overlap at load {a:g}, N -> ∞", f"overlap/{a:g}", state.m)
        top, warm = hopfield.capacity(), hopfield.retrieval_state(WARM_LOAD, self.temperature)
        assert top is not None and warm is not None  # noqa: S101, PT018
        add("capacity by the overlaps", "capacity/overlaps", top.alpha, 0.002)
        if not (told["capacity/crossing"].error or 0.0) >= RESOLVED:
            add("capacity by the crossing, of metastable states too", "capacity/crossing", top.alpha, 0.005)
        for name in told:
            if name.startswith("one_step_error/0"):
                P = round(float(name.split("/")[1]) * N)
                add(f"one-step error of {P} patterns in {N} neurons", name,
                    hopfield.one_step_error((P - 1) / (N - 1)), source="½ erfc(1/√(2α))")  # fmt: skip
        add(f"overlap at load 0.05, T = {self.temperature:g}", "overlap/warm", warm.m, 2 / self.warm_neurons)
        add("overlap of a mixture with each of three patterns", "overlap/mixture", hopfield.mixture_overlap(3), 0.005)
        add("one-step error of a cubic memory, 460 patterns in 100 neurons", "one_step_error/dense",
            hopfield.dense_error(3, 460, 100), 1e-3, "arXiv:1606.01164")  # fmt: skip
        checks.append(Check.at_least("overlap by a cubic memory at 33 times the capacity of Hebb's rule",
                                     told["overlap/dense"].value, 0.9, error=told["overlap/dense"].error,
                                     of="overlap/dense", source="arXiv:1606.01164"))  # fmt: skip
        add("overlap by the pseudo-inverse, 90 patterns in 100 neurons", "overlap/pseudo-inverse", 1.0, 1e-9,
            "doi:10.1051/jphyslet:01985004608035900")  # fmt: skip
        return checks

    def arrays(self, near: dict, m: dict, share: dict, basins: dict, basin_size: int) -> xr.Dataset:
        """Measured points by size and load, extrapolations, theory curves, basins."""
        alphas = (*self.loads, *self.capacity_loads)
        grid = {"finite_overlap": near, "retrieved_share": share}
        top = hopfield.capacity()
        assert top is not None  # noqa: S101
        curve = top.alpha * (1 - np.linspace(1, 0, 80) ** 2)
        states = [hopfield.retrieval_state(a) for a in curve[1:-1]]
        theory = [1.0, *(state.m for state in states if state), top.m]
        arrays: dict[str, Any] = {}
        for name, of in grid.items():
            arrays[name] = (("size", "load"), [[of[N, a].value for a in alphas] for N in self.sizes])
            arrays[f"{name}_error"] = (("size", "load"), [[of[N, a].error or np.nan for a in alphas]
                                                          for N in self.sizes])  # fmt: skip
        arrays |= {
            "extrapolated_overlap": ("extrapolated_load", [e.value for e in m.values()]),
            "extrapolated_overlap_error": ("extrapolated_load", [e.error or np.nan for e in m.values()]),
            "theory_load": ("curve", curve), "theory_overlap": ("curve", theory),
            "basin_share": (("basin_load", "start"), [[basins[a, s].value for s in self.cue_overlaps]
                                                      for a in self.loads[:2]]),
            "basin_share_error": (("basin_load", "start"), [[basins[a, s].error or np.nan for s in self.cue_overlaps]
                                                            for a in self.loads[:2]]),
        }  # fmt: skip
        coords = {"size": list(self.sizes), "load": list(alphas), "extrapolated_load": list(self.loads),
                  "basin_load": list(self.loads[:2]), "start": list(self.cue_overlaps)}  # fmt: skip
        return xr.Dataset(arrays, coords=coords, attrs={"exact_capacity": top.alpha, "basin_neurons": basin_size})


def kept(found: Retrieved, N: int) -> Estimate:
    """Mean overlap of the runs that stay near their pattern; its error over samples and that of one bit in all."""
    near = found.overlap > KEPT
    any_near = near.any(axis=1)
    rows = np.where(near, found.overlap, 0.0).sum(axis=1)[any_near] / near.sum(axis=1)[any_near]
    if len(rows) < 2:  # noqa: PLR2004
        return Estimate(float("nan"))
    mean = over_samples(rows)
    return Estimate(mean.value, float(np.hypot(mean.error or 0.0, 2 / (N * near.sum()))))


def over_samples(rows: Any) -> Estimate:
    """Mean and standard error."""
    return Estimate(float(rows.mean()), float(rows.std(ddof=1) / len(rows) ** 0.5))
