# SPDX-License-Identifier: Apache-2.0
"""A parameter that is hidden in configurations, with all that is exactly known of it: temperature and coupling."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from isinglass.exact.field import phi4
from isinglass.exact.lattice.temperature_posterior import GRID, temperature_information, temperature_posterior
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, telling
from isinglass.systems import Ising, Phi4
from isinglass.verbs import sample

__all__ = ["AbstractCouplingCase", "FieldCoupling", "IsingTemperature"]

WARMUP = 1000  # sweeps
CHUNK = 250  # parameters in one run: all measurements of a run are kept in memory
NODES = 41  # couplings at which the chain is solved


@dataclass(frozen=True)
class AbstractCouplingCase(ABC):
    """θ uniform in [low, high], configurations by `sample`, one system at many temperatures."""

    size: int
    low: float
    high: float

    @property
    @abstractmethod
    def parameter(self) -> str:
        """Its name."""

    @abstractmethod
    def system(self) -> Any:
        """What is sampled, at temperatures θ."""

    @abstractmethod
    def summaries(self, found: Result) -> np.ndarray:
        """Numbers per site of each configuration [n, k]; the first is sufficient."""

    @abstractmethod
    def information(self, theta: float) -> float:
        """Fisher information of one configuration."""

    @abstractmethod
    def posterior(self, summaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exact mean and deviation of θ, of each row."""

    def draw(
        self, key: Any, theta: np.ndarray, chains: int, progress: ProgressCallable, checkpoint: Path | None
    ) -> tuple[np.ndarray, np.ndarray, list[Result]]:
        """θ, and summaries of one configuration of each of `chains` independent chains: no two are correlated."""
        parts = [theta[i : i + CHUNK] for i in range(0, len(theta), CHUNK)]
        found = []
        for k, part in enumerate(parts):
            folder = checkpoint and checkpoint / f"part-{k}"
            found.append(sample(jax.random.fold_in(key, k), self.system(), part, samples=chains, chains=chains,
                                warmup=WARMUP, thin=1, effective_samples=None, checkpoint=folder,
                                progress=telling(progress, f"part {k + 1} of {len(parts)}")))  # fmt: skip
        drawn = np.concatenate([one.arrays["temperature"].to_numpy() for one in found])
        return drawn, np.concatenate([self.summaries(one) for one in found]), found


@dataclass(frozen=True)
class IsingTemperature(AbstractCouplingCase):
    """T of the L x L torus; E is sufficient."""

    @property
    def parameter(self) -> str:
        return "temperature"

    def system(self) -> Any:
        return Ising((self.size, self.size))

    def summaries(self, found: Result) -> np.ndarray:
        """E/N and |m|."""
        return np.stack([found.arrays["energy"] / self.size**2, np.abs(found.arrays["order_parameter"])], axis=1)

    def information(self, theta: float) -> float:
        return temperature_information(theta, self.size)

    def posterior(self, summaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return temperature_posterior(summaries[:, 0] * self.size**2, self.low, self.high, self.size)


@dataclass(frozen=True)
class FieldCoupling(AbstractCouplingCase):
    """λ of the φ⁴ ring: exp(-S/T) of φ with λ = 1 is exp(-S) of φ/√T with λ = T.  Σ φ⁴ is sufficient at known m²."""

    m2: float = -2.0

    @property
    def parameter(self) -> str:
        return "coupling"

    def system(self) -> Any:
        return Phi4((self.size,), m2=self.m2, lam=1.0)

    def summaries(self, found: Result) -> np.ndarray:
        """Means of φ⁴ and φ² over the sites of a configuration."""
        phi2 = found.arrays["configurations"].to_numpy() ** 2 / found.arrays["temperature"].to_numpy()[:, None]
        return np.stack([(phi2**2).mean(axis=1), phi2.mean(axis=1)], axis=1)

    def solved(self, theta: float) -> phi4.FieldMoments:
        """The ring at λ = θ."""
        return phi4.chain(self.size, J=2.0, r=self.m2 + 2.0, lam=theta, nodes=200).moments

    def information(self, theta: float) -> float:
        """Var(Σ φ⁴) = -d<Σ φ⁴>/dλ."""
        step = 1e-3 * theta
        above, below = self.solved(theta + step), self.solved(theta - step)
        return self.size * (below.phi4 - above.phi4) / (2 * step)

    def posterior(self, summaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """p(λ | φ) ∝ exp(-λ Σ φ⁴) / Z(λ); ln Z, which is smooth, at Chebyshev's nodes."""
        fit = np.polynomial.Chebyshev.interpolate(
            lambda grid: np.array([self.solved(float(one)).log_Z for one in grid]), NODES - 1, [self.low, self.high]
        )
        grid = np.linspace(self.low, self.high, GRID)
        log_p = -self.size * summaries[:, :1] * grid - fit(grid)
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        p[:, [0, -1]] /= 2
        p /= p.sum(axis=1, keepdims=True)
        mean = p @ grid
        return mean, np.sqrt(np.maximum(p @ grid**2 - mean**2, 0.0))
