# SPDX-License-Identifier: Apache-2.0
"""Pairs near an observation: of those that were simulated, and of populations that are simulated ever nearer to it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.run.progress import ProgressCallable, telling

if TYPE_CHECKING:
    from isinglass.inference.posterior.population import WeightedPopulation
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.tasks.posterior.source import PairSource

__all__ = ["FEWEST", "NearPairs"]

FEWEST = 10  # accepted simulations


@dataclass
class NearPairs:
    """Pairs of the prior in free parameters u and data z, both in their units, and the populations that follow."""

    source: "PairSource"
    prior: "Prior"
    pairs: "Simulations"
    observed: np.ndarray
    accept: int  # how many are kept of each population
    lost: int  # simulations that do not work
    simulated: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self):
        import jax
        import jax.numpy as jnp

        from isinglass.tasks.posterior.free_posterior import FreePrior

        self.units = posterior.units_of_data(self.pairs.x, None)
        self.z, self.z_o = self.standardized(self.pairs.x), self.standardized(self.observed[None])[0]
        self.free = jax.jit(jax.vmap(self.prior.range.inverse))
        self.u = np.asarray(self.free(jnp.asarray(self.pairs.theta)))
        self.log_prior = jax.jit(jax.vmap(FreePrior(self.prior).log_prob))  # pyright: ignore[reportCallIssue]

    def standardized(self, x: np.ndarray) -> np.ndarray:
        """Data in the units of those of the prior."""
        return posterior.standardized_data(self.units, x).astype(float)

    def theta(self, u: np.ndarray) -> np.ndarray:
        """θ of free parameters, row by row."""
        from isinglass.tasks.posterior.free_posterior import theta_of

        return theta_of(self.prior, u)

    def log_slope(self, u: np.ndarray) -> np.ndarray:
        """ln|dθ/du|, row by row."""
        import jax

        return np.asarray(jax.jit(jax.vmap(lambda u: self.prior.range.forward(u)[1]))(jax.numpy.asarray(u)))

    def first(self) -> "WeightedPopulation":
        """The nearest of the pairs, with equal weights."""
        self.simulated += len(self.pairs.x) + self.lost
        return self.kept(self.u, self.z, np.zeros(len(self.u)))

    def kept(self, u: np.ndarray, z: np.ndarray, log_weight: np.ndarray) -> "WeightedPopulation":
        """Those nearest to the observation."""
        near = posterior.nearest(z, self.z_o, min(self.accept, len(z)))
        weight = posterior.normalized(log_weight[near.rows])
        found = posterior.WeightedPopulation(u[near.rows], z[near.rows], near.distance, weight, near.epsilon)
        self.history.append({"step": float(self.simulated), "epsilon": near.epsilon, "accepted": float(len(near.rows)),
                             "effective_sample_size": found.effective_size})  # fmt: skip
        return found

    def another(
        self, key: Any, before: "WeightedPopulation", number: int, n: int, checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "WeightedPopulation | None":  # fmt: skip
        """The next population, of n simulations; none where hardly any works."""
        import jax
        import jax.numpy as jnp

        key_u, key_x = jax.random.split(key)
        u = posterior.propose(np.random.default_rng(np.asarray(jax.random.key_data(key_u))), before, n)
        with jax.debug_nans(False), jax.debug_infs(False):  # noqa: FBT003  where the prior is 0
            there = np.isfinite(np.asarray(self.log_prior(jnp.asarray(u))))
        theta = self.theta(u[there])
        report = telling(progress, f"population {number}")
        try:
            made = posterior.simulate_at(key_x, self.source.simulate, theta, self.prior.names, report,
                                         self.source.farming(checkpoint, number))  # fmt: skip
        except InputError as error:
            self.notes.append(f"no population {number}: {error}")
            return None
        x = made.x.reshape(len(made.x), -1)
        works = np.isfinite(x).all(axis=1)
        self.simulated += len(theta)
        self.lost += len(theta) - int(works.sum())
        if works.sum() < FEWEST or x.shape[1] != self.observed.size:
            self.notes.append(f"no population {number}: {int(works.sum())} of {len(theta)} simulations work")
            return None
        u = np.asarray(self.free(jnp.asarray(made.theta[works])))
        log_weight = np.asarray(self.log_prior(jnp.asarray(u))) - posterior.log_proposal(before, u)
        return self.kept(u, self.standardized(x[works].reshape(-1, *self.observed.shape)), log_weight)
