# SPDX-License-Identifier: Apache-2.0
"""What methods without labels see in spin configurations: the magnetization, and where it appears."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import jax
import numpy as np
from jaxtyping import Shaped

from isinglass.checks.critical import critical_temperature, honest
from isinglass.exact.lattice import moments, onsager
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.experiments.lattice.ising_data import Spins, ising_by_size, snapshots
from isinglass.inference.phases.supervised import keep
from isinglass.inference.phases.unsupervised import pca_transition, unsupervised
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent

__all__ = ["UnsupervisedPhases"]

TC = onsager.critical_temperature()


@dataclass(frozen=True)
class UnsupervisedPhases(AbstractExperiment):
    """Principal components, autoencoder and VAE find m by themselves; k-means and t-SNE show the phases."""

    name: ClassVar[str] = "unsupervised-phases"
    task: ClassVar[str] = "infer"
    summary: ClassVar[str] = "components, autoencoders, clusters against m"
    rows: ClassVar[tuple[int, ...]] = (11, 12, 30, 117, 118, 119)
    paper: ClassVar[str] = "Wang 2016, arXiv:1606.00318; Wetzel 2017, arXiv:1703.02435"
    claim: ClassVar[str] = "leading component and latents correlate with m above 0.95; T_c within 0.02 without labels"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"size": 16, "samples": 128, "chains": 32, "crossing_sizes": (12, 16, 24), "tolerance": 0.15},
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
        """Views at one size over a wide range; crossings of several sizes near the transition."""
        keys = jax.random.split(key, 4)
        plan = {"chains": self.chains, "progress": progress}
        wide = ising_by_size(
            keys[0], [self.size], np.linspace(1.6, 3.0, 15), samples=min(self.samples, 256),
            checkpoint=checkpoint and checkpoint / "wide", **plan,
        )[self.size]  # fmt: skip
        T = np.arange(2.16, 2.38 + 1e-9, 0.02)
        near = ising_by_size(keys[1], self.crossing_sizes, T, samples=self.samples, checkpoint=checkpoint, **plan)
        progress(0, 1, "components, autoencoders, clusters, embedding")
        result = unsupervised(keys[2], wide.configurations)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(keys[3])))
        found = pca_transition(rng, {L: spins.configurations for L, spins in near.items()})
        correlations = {name: e for name, e in result.estimates.items() if name.startswith("correlation/")}
        result.checks = [Check.at_least(f"|{name}| with the magnetization", e.value, 0.95, source="arXiv:1703.02435",
                                        of=name)
                         for name, e in correlations.items()]  # fmt: skip
        if found is not None:
            result.estimates = {"critical_temperature": found, "critical_temperature/pca": found} | result.estimates
            result.checks += [
                critical_temperature(found, TC, tolerance=self.tolerance, method="PCA", of="critical_temperature"),
                honest(
                    found,
                    TC,
                    largest_error=self.tolerance,
                    name="T_c, PCA",
                    source="Onsager 1944",
                    of="critical_temperature/pca",
                ),
            ]
        result.checks += [self.leading_eigenvalue(keys[3], plan, checkpoint), *wide.checks]
        result.arrays = result.arrays.assign(snapshots(wide.configurations)).assign_attrs(exact_critical_parameter=TC)
        result.name, result.settings = self.name, asdict(self)
        result.figures = ["samples", *result.figures]
        return result

    def leading_eigenvalue(self, key, plan: dict[str, Any], checkpoint: Path | None) -> Check:
        """Row 11: at one temperature the largest eigenvalue of <s_i s_j> is N <m^2>; 41.40234 at L = 8, T_c."""
        spins: Spins = ising_by_size(
            key,
            [8],
            np.array([TC, 3.0]),
            samples=64 * 1024 // 4,
            checkpoint=checkpoint and checkpoint / "eight",
            **plan,
        )[8]
        critical = keep(spins.configurations, spins.configurations.parameter == TC)
        eigenvalue = largest_eigenvalue(critical.x)
        exact = 64 * moments.magnetization_moments(TC, 8).m2
        m2 = spins.magnetization[spins.configurations.parameter == TC] ** 2
        by_chain = np.array([m2[critical.chain == c].mean() for c in range(self.chains)])
        error = 64 * float(by_chain.std(ddof=1) / len(by_chain) ** 0.5)
        law = "largest eigenvalue of <s_i s_j> at T_c, L = 8, is N <m^2>"
        return Check.within(law, eigenvalue, exact, 4 * error, error=error, source="exact transfer matrix")


def largest_eigenvalue(x: Shaped[np.ndarray, "n *site"]) -> float:
    """Of the second-moment matrix <s_i s_j>."""
    s = x.reshape(len(x), -1).astype(float)
    return float(np.linalg.eigvalsh(s.T @ s / len(s))[-1])
