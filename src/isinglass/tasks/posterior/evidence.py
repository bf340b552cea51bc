# SPDX-License-Identifier: Apache-2.0
"""What pairs of parameters and data that were not trained on tell of a posterior."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from isinglass import checks, nets
from isinglass.inference import posterior
from isinglass.result import Check, Estimate
from isinglass.tasks.own.density_rows import split_rows
from isinglass.tasks.posterior.estimator import present
from isinglass.tasks.posterior.moments import contractions, means, samples

__all__ = ["PairSides", "PosteriorEvidence", "like_observed", "split"]

PAIRS = 1000  # held-out pairs at most
RESOLUTION = "ranks of {} held-out pairs: a width that is off by a factor of {:.2f} is seen in half of all tries"
NOT_LOCAL = "calibration near the observation is not checked: {} held-out pairs, 300 have a fifth that is near"


class PairSides(NamedTuple):
    """Numbers of the rows of each side of the split."""

    trained: np.ndarray
    validated: np.ndarray
    held: np.ndarray


@dataclass(frozen=True)
class PosteriorEvidence:
    """What is known of a trained posterior, from pairs that it was not trained on."""

    rng: np.random.Generator
    units: Any  # of the data
    pairs: Any
    sides: PairSides
    tested: np.ndarray  # posterior samples [held, draws, d]
    z: np.ndarray  # standardized data of all pairs
    fit: dict[str, Estimate]  # how well held-out pairs are told
    gain: str  # the law of the gain over linear regression

    @cached_property
    def truth(self) -> np.ndarray:
        """The parameters of the held-out pairs."""
        return self.pairs.theta[self.sides.held]

    @cached_property
    def present(self) -> np.ndarray:
        """z with 0 for rows of a set that are not there."""
        return present(self.z)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Of the true parameters among posterior samples, in (0, 1)."""
        return checks.posterior.pit_values(self.truth, self.tested, self.rng)

    @cached_property
    def coverage(self) -> np.ndarray:
        """Of regions around random places, in (0, 1)."""
        return checks.posterior.tarp_fractions(self.truth, self.tested, self.rng)

    @cached_property
    def told_locally(self) -> bool:
        """Whether some pairs are nearer to the observation than others."""
        return len(self.truth) >= checks.learning.local_ranks.WANTED

    @property
    def notes(self) -> list[str]:
        """What the ranks would see, and what could not be checked."""
        n, d = self.truth.shape
        said = [RESOLUTION.format(n, checks.posterior.width_resolution(n, d))]
        return said if self.told_locally else [*said, NOT_LOCAL.format(n)]

    def near(self, theta: np.ndarray) -> tuple[list[Check], np.ndarray]:
        """Calibration in the pairs whose posteriors look like that of the observation, and their numbers."""
        if not self.told_locally:
            return [], np.zeros(0, int)
        check, rows = checks.learning.local_ranks.ranks_near(self.truth, self.tested, theta, self.pairs.names, self.rng)
        return [check], rows

    def estimates(self, theta: np.ndarray, prior: np.ndarray) -> dict[str, Estimate]:
        """Mean and deviation of every parameter, beside draws of the prior, and the quality of the fit."""
        names = self.pairs.names
        return means(theta, names) | contractions(theta, prior, names) | self.fit

    def checks(self, observed: np.ndarray, theta: np.ndarray) -> list[Check]:
        """Calibration, the range of the simulations, and the linear baseline."""
        import jax

        of, (name, gain) = checks.posterior, next(e for e in self.fit.items() if e[0].endswith("_gain"))
        lost = float((~np.isfinite(theta)).any(axis=1).sum())
        seen = np.asarray(posterior.standardized(self.units, jax.numpy.asarray(observed)), float)
        return [
            Check.at_most("posterior samples are finite", lost, 0.0),
            of.ranks_uniform(self.ranks, self.pairs.names),
            of.expected_coverage(self.coverage),
            of.in_simulated_range(present(seen), self.present.astype(float)),
            Check.at_least(f"{self.gain}, above that of linear regression", gain.value, 0.0,
                           tolerance=0.02 * theta.shape[1] + 4 * (gain.error or 0.0), error=gain.error, of=name),
        ]  # fmt: skip

    def arrays(self, theta: np.ndarray) -> Any:
        """Posterior samples by name, and of held-out pairs the parameters, their ranks and the coverage."""
        rank, held_out = (("pair", "parameter"), self.ranks), (("pair", "parameter"), self.truth)
        return samples(theta, self.pairs.names).assign(rank=rank, coverage=("pair", self.coverage), held_out=held_out)


def like_observed(units: Any, observed: np.ndarray, replicated: np.ndarray) -> tuple[dict[str, Estimate], list[Check]]:
    """Is the observation a typical draw from the posterior, in the units of the simulations?"""
    of, name = checks.learning.replication, "predictive_p_value"
    x = np.concatenate([observed[None], replicated])
    z = np.asarray(posterior.standardized_data(units, x), float)
    seen = z[0] < nets.embedding.ABSENT
    y = present(z)[:, seen]
    y = y[np.isfinite(y).all(axis=1)]
    if len(y) - 1 < 2 * of.NEIGHBORS:
        law = "data simulated from the posterior are finite, number"
        return {}, [Check(law, float(len(y) - 1), float(len(replicated)), 0.0, "unknown", relation=">=")]
    found = of.oddness(y[0], y[1:])
    return {name: found.share}, [of.like_replications(found, len(y) - 1, name)]


def split(rng: np.random.Generator, theta: np.ndarray) -> PairSides:
    """A tenth, at most 1000 pairs, held out; a tenth of the rest for validation.  No θ is on two sides."""
    n = len(theta)
    share = min(max(0.1, 100 / n), 1 / 3, PAIRS / n)
    same = np.unique(theta, axis=0, return_inverse=True)[1].reshape(-1)
    return PairSides(*split_rows(rng, theta, same, share)[0])
