# SPDX-License-Identifier: Apache-2.0
"""Probabilities of models from the Bayes factors of their pairs."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from isinglass import checks
from isinglass.result import Check, Estimate

__all__ = ["ModelOdds"]


@dataclass(frozen=True)
class ModelOdds:
    """ln B_kj = ln Z_k/Z_j of models k and j, with errors."""

    names: tuple[str, ...]
    log_factor: np.ndarray  # [k, j]
    error: np.ndarray  # [k, j]
    weights: np.ndarray = field(default_factory=lambda: np.ones(0))  # probabilities before the observation
    least: float = 0.0  # error of a probability at least
    of_each: np.ndarray | None = None  # errors of ln Z_k, where these are independent, not those of the pairs

    @cached_property
    def best(self) -> int:
        """The model that no other beats, with its weight."""
        return int(np.argmax((self.log_factor + np.log(self.weights)[:, None] - np.log(self.weights)).min(axis=1)))

    @cached_property
    def probability(self) -> np.ndarray:
        """P_k, by the Bayes factors of all models and the best."""
        log_p = self.log_factor[:, self.best] + np.log(self.weights)
        p = np.exp(log_p - log_p.max())
        return p / p.sum()

    @cached_property
    def second(self) -> int:
        """The most probable of the others."""
        order = np.argsort(-self.probability, kind="stable")
        return int(next(k for k in order if k != self.best))

    @property
    def probability_error(self) -> np.ndarray:
        """δP_k² = P_k² Σ_j (δ_kj - P_j)² (δ ln Z_j)², or δ ln B_jb, b the best."""
        error = self.error[:, self.best] if self.of_each is None else self.of_each
        slope = self.probability[:, None] * (np.eye(len(self.names)) - self.probability)
        return np.hypot(np.sqrt((slope**2) @ error**2), self.least)

    def estimates(self) -> dict[str, Estimate]:
        """The probability of every model, and ln B of the best and the next."""
        found = {f"probability/{name}": Estimate(float(p), float(e))
                 for name, p, e in zip(self.names, self.probability, self.probability_error, strict=True)}  # fmt: skip
        pair = self.best, self.second
        return found | {"log_bayes_factor": Estimate(float(self.log_factor[pair]), float(self.error[pair]), "nat")}

    def resolved(self) -> Check:
        """ln B of the best and the next is known well enough."""
        pair = self.best, self.second
        names = self.names[self.best], self.names[self.second]
        return checks.learning.model_choice.resolved(float(self.log_factor[pair]), float(self.error[pair]), names)

    def arrays(self) -> Any:
        """Probabilities, and ln B of all pairs."""
        import xarray as xr

        kept: dict[str, Any] = {
            "probability": ("model", self.probability), "probability_error": ("model", self.probability_error),
            "log_bayes_factor": (("model", "other_model"), self.log_factor),
            "log_bayes_factor_error": (("model", "other_model"), self.error),
        }  # fmt: skip
        return xr.Dataset(kept, coords={"model": list(self.names), "other_model": list(self.names)})
