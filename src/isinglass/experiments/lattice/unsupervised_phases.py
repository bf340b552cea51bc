# SPDX-License-Identifier: Apache-2.0
"""Unsupervised learning of spin configurations: it finds the magnetization, and where it appears."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Float, Shaped

from isinglass.checks.critical import critical_temperature, honest
from isinglass.checks.energy import grouped_mean
from isinglass.data.configurations import snapshots
from isinglass.data.files import from_dataset
from isinglass.exact.lattice import moments, onsager
from isinglass.exact.lattice.critical import relaxation_time
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent, telling
from isinglass.systems import Ising
from isinglass.tasks.cases import labelled
from isinglass.tasks.outcome.thermal_curves import curve_names, side_by_side
from isinglass.verbs import infer, sample

__all__ = ["UnsupervisedPhases"]

TC = onsager.critical_temperature()
WIDE, NEAR = np.linspace(1.6, 3.0, 15), np.arange(2.16, 2.38 + 1e-9, 0.02)


@dataclass(frozen=True)
class UnsupervisedPhases(AbstractExperiment):
    """Principal components, autoencoder and VAE find m by themselves; k-means and t-SNE show the phases."""

    name: ClassVar[str] = "unsupervised-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "components, autoencoders, clusters against m"
    rows: ClassVar[tuple[int, ...]] = (11, 12, 30, 117, 118, 119)
    paper: ClassVar[str] = "Wang 2016, arXiv:1606.00318; Wetzel 2017, arXiv:1703.02435"
    claim: ClassVar[str] = "leading component and latents correlate with m above 0.95; T_c within 0.02 without labels"
    guide: ClassVar[str] = "docs/course/03_confusion.py"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"size": 16, "samples": 256, "chains": 32, "crossing_sizes": (12, 16, 24), "tolerance": 0.15},
        "laptop": {},
        "paper": {"size": 40, "samples": 4096, "crossing_sizes": (16, 24, 32, 48, 64), "tolerance": 0.01},
    }

    size: int = 24
    """Lattice size L of the views."""
    samples: int = 1024
    """Configurations at each temperature."""
    chains: int = 64
    """Independent Markov chains for each temperature."""
    crossing_sizes: tuple[int, ...] = (16, 24, 32, 48)
    """Sizes whose leading components are compared."""
    tolerance: float = 0.02
    """Allowed |T_c - exact|."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Views at one size over a wide range; the crossing of several sizes near the transition."""
        keys = jax.random.split(key, 4)
        few = min(self.samples, 256)
        wide = self.sampled(keys[0], self.size, WIDE, few, progress, checkpoint and checkpoint / "wide")
        near = {L: self.sampled(keys[1], L, NEAR, self.samples, progress, checkpoint) for L in self.crossing_sizes}
        result = infer(keys[2], wide, method="components", progress=progress)
        crossing = infer(keys[3], near, method="components", progress=progress)
        result.checks = [Check.at_least(f"|{name}| with the magnetization", e.value, 0.95, source="arXiv:1703.02435",
                                        of=name)
                         for name, e in result.estimates.items()]  # fmt: skip
        found = crossing.estimates.get("critical_temperature/pca", Estimate(np.nan))
        result.estimates = {"critical_temperature": found, "critical_temperature/pca": found} | result.estimates
        result.checks += [
            critical_temperature(found, TC, tolerance=self.tolerance, method="PCA", of="critical_temperature"),
            honest(found, TC, largest_error=self.tolerance, name="T_c, PCA", source="Onsager 1944",
                   of="critical_temperature/pca"),
        ]  # fmt: skip
        eight = self.sampled(keys[3], 8, np.array([TC, 3.0]), 64 * 1024 // 4, progress, checkpoint)
        result.checks.append(self.leading_eigenvalue(eight))
        result.checks += labelled(wide.checks, f"square, L = {self.size}", estimates=False)
        result.arrays = result.arrays.assign(snapshots(from_dataset(wide.arrays)))
        result.arrays = result.arrays.assign_attrs(exact_critical_parameter=TC)
        result.name, result.settings = self.name, asdict(self)
        thermal = side_by_side(near)
        result.arrays = result.arrays.merge(thermal, combine_attrs="override")
        result.figures = ["samples", *result.figures, *curve_names(thermal)]
        return result

    def sampled(
        self, key: Any, L: int, T: Float[np.ndarray, " T"], samples: int, progress: ProgressCallable,
        checkpoint: Path | None,
    ) -> Result:  # fmt: skip
        """One lattice size by single flips, two measurements in a relaxation time at T_c."""
        thin = max(2, round(relaxation_time(L) / 2))
        return sample(
            jax.random.fold_in(key, L), Ising((L, L)), T, method="metropolis", samples=samples, chains=self.chains,
            thin=thin, warmup=80 * thin, progress=telling(progress, f"L = {L}"),
            checkpoint=checkpoint and checkpoint / f"square-{L}-{len(T)}",
        )  # fmt: skip

    def leading_eigenvalue(self, eight: Result) -> Check:
        """At one temperature the largest eigenvalue of <s_i s_j> is N <m^2>; 41.40234 at L = 8, T_c."""
        critical = eight.arrays["temperature"].to_numpy() == TC
        x, m, chain = (
            eight.arrays[name].to_numpy()[critical] for name in ("configurations", "order_parameter", "chain")
        )
        eigenvalue = largest_eigenvalue(x)
        exact = 64 * moments.magnetization_moments(TC, 8).m2
        error = 64 * grouped_mean(m**2, chain)[1]
        law = "largest eigenvalue of <s_i s_j> at T_c, L = 8, is N <m^2>"
        return Check.within(law, eigenvalue, exact, 4 * error, error=error, source="exact transfer matrix")


def largest_eigenvalue(x: Shaped[np.ndarray, "n *site"]) -> float:
    """The largest eigenvalue of the second-moment matrix <s_i s_j>."""
    s = x.reshape(len(x), -1).astype(float)
    return float(np.linalg.eigvalsh(s.T @ s / len(s))[-1])
