# SPDX-License-Identifier: Apache-2.0
"""A parameter that is hidden in configurations, with all that is exactly known of it: temperature and coupling."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from isinglass.checks.sampling import mean_over_temperatures
from isinglass.exact.field import phi4
from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.temperature_posterior import GRID, temperature_information, temperature_posterior
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.sampling.ensemble.packed import PackedTemperatures
from isinglass.systems import Ising, Phi4
from isinglass.verbs import sample

__all__ = ["AbstractCouplingCase", "FieldCoupling", "IsingTemperature"]

NODES = 41  # couplings at which the chain is solved


@dataclass(frozen=True)
class AbstractCouplingCase(ABC):
    """θ uniform in [low, high], configurations by `sample`, one system at many temperatures."""

    parameter: ClassVar[str]
    sufficient: ClassVar[str]  # what is sufficient, in words
    size: int
    low: float
    high: float

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

    @abstractmethod
    def exact(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exact mean and deviation of the first of the summaries, at each θ."""

    @abstractmethod
    def method(self, n: int) -> Any:
        """How one chain at each of n temperatures is sampled."""

    def draw(
        self, key: Any, theta: np.ndarray, chains: int = 1, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> tuple[np.ndarray, Check]:  # fmt: skip
        """Summaries [θ, chain, k] of the last configuration of each chain, θ ascending; whether they have its mean."""
        method = self.method(len(theta)) if chains == 1 else "auto"
        found = sample(key, self.system(), theta, method=method, samples=chains, chains=chains, thin=1,
                       effective_samples=None, checkpoint=checkpoint, progress=progress)  # fmt: skip
        x = self.summaries(found).reshape(len(theta), chains, -1)
        mean, deviation, at = (np.repeat(a, chains) for a in (*self.exact(theta), theta))
        return x, mean_over_temperatures(x[..., 0].ravel(), mean, deviation, at, self.sufficient)


@dataclass(frozen=True)
class IsingTemperature(AbstractCouplingCase):
    """T of the L x L torus; E is sufficient."""

    parameter: ClassVar[str] = "temperature"
    sufficient: ClassVar[str] = "mean energy"

    def system(self) -> Any:
        return Ising((self.size, self.size))

    def summaries(self, found: Result) -> np.ndarray:
        """E/N and |m|."""
        return np.stack([found.arrays["energy"] / self.size**2, np.abs(found.arrays["order_parameter"])], axis=1)

    def information(self, theta: float) -> float:
        return temperature_information(theta, self.size)

    def exact(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """<E>/N, and √(c T²/N)."""
        energy, heat = (np.asarray(of(theta, self.size)) for of in (kaufman.energy, kaufman.specific_heat))
        return energy, np.sqrt(heat) * theta / self.size

    def method(self, n: int) -> Any:
        return PackedTemperatures(self.system(), n)

    def posterior(self, summaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return temperature_posterior(summaries[:, 0] * self.size**2, self.low, self.high, self.size)


@dataclass(frozen=True)
class FieldCoupling(AbstractCouplingCase):
    """λ of the φ⁴ ring: exp(-S/T) of φ with λ = 1 is exp(-S) of φ/√T with λ = T.  Σ φ⁴ is sufficient at known m²."""

    parameter: ClassVar[str] = "coupling"
    sufficient: ClassVar[str] = "mean of φ⁴"
    m2: float = -2.0

    def system(self) -> Any:
        return Phi4((self.size,), m2=self.m2, lam=1.0)

    def summaries(self, found: Result) -> np.ndarray:
        """Means of φ⁴ and φ² over the sites of a configuration."""
        phi2 = found.arrays["configurations"].to_numpy() ** 2 / found.arrays["temperature"].to_numpy()[:, None]
        return np.stack([(phi2**2).mean(axis=1), phi2.mean(axis=1)], axis=1)

    def method(self, n: int) -> Any:
        return "auto"

    @cached_property
    def log_Z(self) -> np.polynomial.Chebyshev:
        """ln Z of λ, which is smooth, from Chebyshev's nodes."""
        solve = lambda lam: phi4.chain(self.size, J=2.0, r=self.m2 + 2.0, lam=float(lam), nodes=200)  # noqa: E731
        of = lambda grid: np.array([solve(lam).moments.log_Z for lam in grid])  # noqa: E731
        return np.polynomial.Chebyshev.interpolate(of, NODES - 1, [self.low, self.high])

    def information(self, theta: float) -> float:
        """Var(Σ φ⁴) = d² ln Z/dλ²."""
        return float(self.log_Z.deriv(2)(theta))

    def exact(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """<Σ φ⁴> = -d ln Z/dλ, per site."""
        return -self.log_Z.deriv(1)(theta) / self.size, np.sqrt(self.log_Z.deriv(2)(theta)) / self.size

    def posterior(self, summaries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """p(λ | φ) ∝ exp(-λ Σ φ⁴) / Z(λ)."""
        grid = np.linspace(self.low, self.high, GRID)
        log_p = -self.size * summaries[:, :1] * grid - self.log_Z(grid)
        p = np.exp(log_p - log_p.max(axis=1, keepdims=True))
        p[:, [0, -1]] /= 2
        p /= p.sum(axis=1, keepdims=True)
        mean = p @ grid
        return mean, np.sqrt(np.maximum(p @ grid**2 - mean**2, 0.0))
