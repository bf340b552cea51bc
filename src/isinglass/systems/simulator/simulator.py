# SPDX-License-Identifier: Apache-2.0
"""What a simulator is: x drawn from p(x given θ), which need not be known."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.systems.simulator.prior import Prior

__all__ = ["AbstractSimulator"]


class AbstractSimulator(eqx.Module):
    """x ~ p(x given θ) of parameters θ [d] with a prior of its own."""

    @abstractmethod
    def prior(self) -> Prior:
        """p(θ), with the names of the parameters."""

    @abstractmethod
    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Shaped[Array, "*data"]:
        """One x, by JAX."""

    def log_likelihood(self, theta: Float[Array, " d"], x: Shaped[Array, "*data"]) -> Float[Array, ""] | None:
        """ln p(x given θ), where it is known; else None."""
        return None

    def posterior_samples(self, rng: np.random.Generator, x: np.ndarray, n: int) -> Any:
        """n exact samples of p(θ given x) [n, d], where there is a way to them; else None."""
        return None
