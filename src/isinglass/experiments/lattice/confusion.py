# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion: teach wrong labels and see where they work best, beside the exact Bayes curve."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.critical import critical_temperature, honest
from isinglass.exact.lattice import bayes, onsager
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice.ising_data import Spins, ising_by_size, snapshots
from isinglass.inference.phases.confusion import ConfusionCurves, confusion_curves, peak, predict_points
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["ConfusionExperiment", "ConfusionReading", "arrays", "read", "transition"]

TC = onsager.critical_temperature()
CEILING_UP_TO = 24  # the exact density of states of a larger torus takes a minute


class ConfusionReading(NamedTuple):
    """What confusion says of one lattice size."""

    curves: ConfusionCurves
    rows: int  # configurations that were asked about
    peak: Estimate
    ceiling: Float[np.ndarray, " cut"]  # exact best accuracy; NaN where it was not computed


@dataclass(frozen=True)
class ConfusionExperiment(AbstractExperiment):
    """The W of accuracy against the guessed transition, never above the exact optimum; its middle peak is T_c."""

    name: ClassVar[str] = "confusion"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "the W of learning by confusion beside the exact Bayes curve"
    rows: ClassVar[tuple[int, ...]] = (13,)
    paper: ClassVar[str] = "van Nieuwenburg, Liu and Huber 2017, arXiv:1610.02048"
    claim: ClassVar[str] = "W-shaped accuracy within 0.02 of the exact Bayes curve at L = 16; T_c within 0.02"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"sizes": (16, 24), "samples": 256, "chains": 32, "tolerance": 0.15},
        "laptop": {},
        "paper": {"sizes": (16, 32, 48, 64, 96), "samples": 4096, "chains": 256, "tolerance": 0.01},
    }

    sizes: tuple[int, ...] = (16, 32, 48)
    """Lattice sizes L."""
    samples: int = 800
    """Configurations for each size and temperature."""
    chains: int = 64
    """Independent Markov chains for each temperature."""
    tolerance: float = 0.02
    """Allowed |T_c - exact|."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """The wide range for the W and its ceiling, a narrow one for the peak."""
        keys = jax.random.split(key, 4)
        plan = {"samples": self.samples, "chains": self.chains, "progress": progress}
        wide = ising_by_size(
            keys[0], [16], np.arange(10, 36) / 10, checkpoint=checkpoint and checkpoint / "wide", **plan
        )
        narrow = ising_by_size(keys[1], self.sizes, np.linspace(1.8, 2.8, 26), checkpoint=checkpoint, **plan)
        progress(0, 1, "networks: cross-validated on whole chains")
        w, readings = read(keys[2], wide), read(keys[3], narrow)
        found = transition(readings)
        return Result(
            self.name,
            estimates={
                "critical_temperature": found,
                "critical_temperature/confusion": found,
                **{f"critical_temperature/confusion_L{L}": r.peak for L, r in readings.items()},
                "accuracy": Estimate(float(w[16].curves.accuracy[0].mean())),
                "accuracy/bayes_ceiling": Estimate(float(w[16].ceiling.mean())),
            },
            checks=[
                critical_temperature(
                    found, TC, tolerance=self.tolerance, method="confusion", of="critical_temperature"
                ),
                honest(
                    found,
                    TC,
                    largest_error=self.tolerance,
                    name="T_c, confusion",
                    source="Onsager 1944",
                    of="critical_temperature/confusion",
                ),
                *ceiling_checks(w[16]),
                *[check for spins in (wide | narrow).values() for check in spins.checks],
            ],
            arrays=arrays(readings).merge(arrays(w, "wide")).assign(snapshots(narrow[max(narrow)].configurations)),
            settings=asdict(self),
            figures=["confusion/wide", "confusion", "samples"],
        )


def read(key, data: dict[int, Spins]) -> dict[int, ConfusionReading]:
    """One committee of networks for each size; each is asked only about chains that it was trained without."""
    found = {}
    for L, spins in data.items():
        configurations = spins.configurations
        key_draws, key_train = jax.random.split(jax.random.fold_in(key, L))
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_draws)))
        curves = confusion_curves(rng, predict_points(key_train, configurations))
        tops = np.array([peak(curves.cut, row).position for row in curves.information])
        ceiling = np.full(len(curves.cut), np.nan)
        if L <= CEILING_UP_TO:
            T = configurations.points
            ceiling = bayes.confusion_curve(bayes.energy_law(L, T), T).accuracy
        found[L] = ConfusionReading(
            curves, configurations.n, Estimate(float(tops[0]), float(np.nanstd(tops[1:]))), ceiling
        )
    return found


def transition(readings: dict[int, ConfusionReading]) -> Estimate:
    """The peak at the largest size; its error includes how far it still moved from the size before, if there is one."""
    peaks = [readings[L].peak for L in sorted(readings)]
    before, last = peaks[-2:] if len(peaks) > 1 else (peaks[0], peaks[0])
    moved = max(0.0, abs(last.value - before.value) - float(np.hypot(last.error or 0.0, before.error or 0.0)))
    return Estimate(last.value, float(np.hypot(last.error or 0.0, moved)))


def ceiling_checks(reading: ConfusionReading) -> list[Check]:
    """No cut is classified better than the exact optimum allows, and none much worse; the curve is a W.

    False alarm 1e-4 for 25 cuts together.  Resolution: 0.01 at 20 000 configurations.
    """
    accuracy, ceiling = reading.curves.accuracy, reading.ceiling
    noise = np.maximum(accuracy[1:].std(axis=0), np.sqrt(ceiling * (1 - ceiling) / reading.rows))
    above = (accuracy[0] - ceiling) / noise
    below = ceiling - accuracy[0]
    middle = int(np.argmin(np.abs(reading.curves.cut - TC)))
    valleys = max(accuracy[0, : middle + 1].min(), accuracy[0, middle:].min())
    source = "exact density of states"
    return [
        Check.at_most(
            "accuracy above the Bayes ceiling, in standard errors, worst cut", above.max(), 4.5, source=source
        ),
        Check.at_most("accuracy below the Bayes ceiling, worst cut", below.max(), 0.02, source=source),
        Check.at_least("W shape: height of the middle peak over the valleys", accuracy[0, middle] - valleys, 0.02),
    ]


def arrays(readings: dict[int, ConfusionReading], of: str = "") -> xr.Dataset:
    """What the figure draws."""
    end = f"_{of}" if of else ""
    size, guess = f"size{end}", f"guess{end}"
    table = lambda rows: ((size, guess), np.array(rows))  # noqa: E731
    found = list(readings.values())
    return xr.Dataset(
        {
            f"confusion_accuracy{end}": table([r.curves.accuracy[0] for r in found]),
            f"confusion_accuracy{end}_error": table([r.curves.accuracy[1:].std(axis=0) for r in found]),
            f"confusion_ceiling{end}": table([r.ceiling for r in found]),
            f"confusion_peak{end}": (size, [r.peak.value for r in found]),
            f"confusion_peak{end}_error": (size, [r.peak.error for r in found]),
        },
        coords={size: list(readings), guess: found[0].curves.cut},
        attrs={"parameter": "temperature", "exact_critical_parameter": TC},
    )
