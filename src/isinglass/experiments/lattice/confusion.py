# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion: train on guessed labels and find where they work best, beside the exact Bayes curve."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.checks.critical import critical_temperature, honest
from isinglass.data.configurations import snapshots
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import bayes, onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled, merged
from isinglass.tasks.outcome.thermal_curves import curve_names, side_by_side
from isinglass.verbs import infer, sample

__all__ = ["ConfusionExperiment"]

TC = onsager.critical_temperature()
WIDE, NARROW = np.arange(10, 36) / 10, np.linspace(1.8, 2.8, 26)
CEILING_UP_TO = 24  # the exact density of states of a larger torus takes a minute


@dataclass(frozen=True)
class ConfusionExperiment(AbstractExperiment):
    """The W of accuracy against the guessed transition, never above the exact optimum; its middle peak is T_c."""

    name: ClassVar[str] = "confusion"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "the W of learning by confusion beside the exact Bayes curve"
    rows: ClassVar[tuple[int, ...]] = (13,)
    paper: ClassVar[str] = "van Nieuwenburg, Liu and Huber 2017, arXiv:1610.02048"
    claim: ClassVar[str] = "W-shaped accuracy within 0.02 of the exact Bayes curve at L = 16; T_c within 0.02"
    guide: ClassVar[str] = "docs/course/03_confusion.py"
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
        wide = self.sampled(keys[0], [16], WIDE, progress, checkpoint and checkpoint / "wide")
        narrow = self.sampled(keys[1], self.sizes, NARROW, progress, checkpoint)
        w = infer(keys[2], wide, method="confusion", progress=progress)
        peaks = infer(keys[3], narrow, method="confusion", progress=progress)
        for found, T in ((w, WIDE), (peaks, NARROW)):
            found.arrays["confusion_ceiling"] = ceilings(found.arrays["size"].to_numpy().tolist(), T)
        accuracy, ceiling = (w.arrays[f"confusion_{of}"].to_numpy()[0] for of in ("accuracy", "ceiling"))
        Tc = peaks.estimates["critical_temperature/confusion"]
        result = merged(self.name, {"wide": w, "": peaks})
        result.settings = asdict(self)
        thermal = side_by_side(narrow)
        result.figures += ["samples", *curve_names(thermal)]
        result.arrays = result.arrays.merge(thermal, combine_attrs="override").assign(
            snapshots(from_dataset(narrow[max(narrow)].arrays))
        )
        result.arrays = result.arrays.assign_attrs(parameter="temperature", exact_critical_parameter=TC)
        result.estimates = {
            "critical_temperature": Tc,
            **peaks.estimates,
            "accuracy": Estimate(float(accuracy.mean())),
            "accuracy/bayes_ceiling": Estimate(float(ceiling.mean())),
        }
        result.checks = [
            critical_temperature(Tc, TC, tolerance=self.tolerance, method="confusion", of="critical_temperature"),
            honest(Tc, TC, largest_error=self.tolerance, name="T_c, confusion", source="Onsager 1944",
                   of="critical_temperature/confusion"),
            *ceiling_checks(w.arrays, self.samples * len(WIDE)),
        ]  # fmt: skip
        for L, one in (wide | narrow).items():
            result.checks += labelled(one.checks, f"square, L = {L}", estimates=False)
        return result

    def sampled(
        self, key: Any, sizes: Iterable[int], T: Float[np.ndarray, " T"], progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> dict[int, Result]:  # fmt: skip
        """Each lattice size by single flips, two measurements in a relaxation time at T_c."""
        found = {}
        for L in sizes:
            thin = max(2, round(relaxation_time(L) / 2))
            found[L] = sample(
                jax.random.fold_in(key, L), Ising((L, L)), T, method="metropolis", samples=self.samples,
                chains=self.chains, thin=thin, warmup=80 * thin,
                progress=telling(progress, f"L = {L}"), checkpoint=checkpoint and checkpoint / f"square-{L}",
            )  # fmt: skip
        return found


def ceilings(sizes: Iterable[int], T: Float[np.ndarray, " T"]) -> tuple[tuple[str, str], list[Any]]:
    """The exact best accuracy for every guess, at sizes where it does not take long."""
    unknown = np.full(len(T) - 1, np.nan)
    rows = [bayes.confusion_curve(bayes.energy_law(int(L), T), T).accuracy if L <= CEILING_UP_TO else unknown
            for L in sizes]  # fmt: skip
    return ("size", "guess"), rows


def ceiling_checks(w: xr.Dataset, rows: int) -> list[Check]:
    """No cut is classified better than the exact optimum allows, and none much worse; the curve is a W.

    False alarm 1e-4 for 25 cuts together.  Resolution: 0.01 at 20 000 configurations.
    """
    accuracy, error, ceiling = (w[f"confusion_{of}"].to_numpy()[0] for of in ("accuracy", "accuracy_error", "ceiling"))
    above = (accuracy - ceiling) / np.maximum(error, np.sqrt(ceiling * (1 - ceiling) / rows))
    below = ceiling - accuracy
    middle = int(np.argmin(np.abs(w["guess"].to_numpy() - TC)))
    valleys = max(accuracy[: middle + 1].min(), accuracy[middle:].min())
    source = "exact density of states"
    return [
        Check.at_most(
            "accuracy above the Bayes ceiling, in standard errors, worst cut", above.max(), 4.5, source=source
        ),
        Check.at_most("accuracy below the Bayes ceiling, worst cut", below.max(), 0.02, source=source),
        Check.at_least("W shape: height of the middle peak over the valleys", accuracy[middle] - valleys, 0.02),
    ]
