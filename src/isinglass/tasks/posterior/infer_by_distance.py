# SPDX-License-Identifier: Apache-2.0
"""Infer the parameters of a simulator without a network, by the simulations that are nearest to the observation."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.posterior.estimator import BY_DISTANCE, DRAWS, mean_of, methods
from isinglass.tasks.posterior.evidence import PosteriorEvidence, split
from isinglass.tasks.posterior.moments import contractions, means, samples
from isinglass.tasks.posterior.populations import FEWEST, NearPairs
from isinglass.tasks.posterior.posterior_file import PosteriorFile
from isinglass.tasks.posterior.source import SIMULATORS, PairSource, checked_observation, data_arrays, lost_pairs
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.inference.posterior.population import WeightedPopulation

__all__ = ["InferByDistance"]

FIRST = 0.5  # share of the simulations of all populations but the last
GAIN = "log probability of true parameters by mean and covariance of the samples"


class Told(NamedTuple):
    """What a way to the posterior tells of itself beside the samples."""

    estimates: dict[str, Estimate]
    checks: list[Check]
    arrays: Any
    figures: list[str]
    notes: list[str]


@dataclass(frozen=True)
class InferByDistance(AbstractTask):
    """p(θ given |z(x) - z(x_o)| <= ε), z the data in units of those simulated from the prior: what others have to beat.

        infer(0, simulate, prior={"m": dist.Uniform(0, 1)}, observation=x, method="rejection", simulations=100_000)
        infer(0, simulate, prior={"m": dist.Uniform(0, 1)}, observation=x, method="smc_abc")

    Law: it is p(θ given x_o) for ε -> 0, and its mean errs by ε²; so that nothing changes where ε is halved.
    Ref: Pritchard et al. 1999, doi:10.1093/oxfordjournals.molbev.a026091; Beaumont et al. 2009, arXiv:0805.2256.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = SIMULATORS
    guide: ClassVar[str] = "docs/posteriors.md"
    what: ClassVar[str] = "a simulator with prior and observation"
    command: ClassVar[str] = "posterior"
    source: ClassVar[type] = PosteriorFile

    observation: Any = setting(None)
    """x, of the shape that the simulator returns."""
    prior: Any = setting(None)
    """Name -> distribution of NumPyro; or one distribution; or an object with sample(key) and log_prob(theta)."""
    method: str = setting("rejection", choices=methods)
    """rejection: the nearest of all simulations of the prior; smc_abc: populations, each simulated where the one before
    was near."""
    simulations: int = setting(10_000)
    """Pairs to simulate, in all populations together."""
    accept: float = 0.02
    """Of the simulations, the share that is accepted; in smc_abc as many are kept of each population."""
    adjust: bool = True
    """Move the accepted parameters along their linear regression on the data to the observation."""
    populations: int = 5
    """Of smc_abc; the last has half of the simulations."""
    store: Any = setting(None, identity=False)
    """A folder that keeps the simulations: a stopped run goes on from it, a larger one adds to it."""
    executor: Any = setting(None, identity=False)
    """Where Python functions and programs run: an Executor, or a number of processes; by default one on each core."""
    time_limit: float | None = setting(None)
    """Seconds for one simulation of theirs; what takes longer is ended and counted.  By default there is no limit."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """With one of these methods."""
        return settings.get("method") in BY_DISTANCE

    def run(
        self, key: Any, problem: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Simulate, accept what is near, and see whether half as near gives the same."""
        import jax

        begun = time.perf_counter()
        key_pairs, key_rng, key_more, key_prior, key_data = jax.random.split(key, 5)
        self.check(problem)
        source = PairSource(problem, self.prior, self.observation, self.simulations, 1, self.store, self.executor,
                            self.time_limit)  # fmt: skip
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rng)))
        pairs, prior, lost, notes = source.simulated(key_pairs, checkpoint, progress, self.of_prior)
        observed = checked_observation(self.observation, pairs.x.shape[1:])
        near = NearPairs(source, prior, pairs, observed, self.accepted(len(pairs.x)), lost)
        last = self.nearer(key_more, near, near.first(), checkpoint, progress)
        progress(0, 1, "looking at what is accepted")
        u = self.adjusted(last, near.z_o)
        theta = near.theta(u[posterior.resampled(rng, last.weight, len(u))])
        told = (self.of_pairs if self.method == "rejection" else self.of_populations)(rng, near, theta)
        replicated = source.predicted(key_data, prior, observed, theta, near.units, progress)
        return Result(
            "posterior",
            estimates=told.estimates | of_acceptance(near, last) | replicated.estimates,
            checks=[
                *self.of_tolerance(rng, last, near.z_o),
                *told.checks,
                *replicated.checks,
                *source.of_table(key_prior, pairs, prior),
                *lost_pairs(near.lost, near.simulated - near.lost),
            ],
            arrays=told.arrays.assign(**data_arrays(observed, replicated.x)),
            settings=self.described() | {"pairs": near.simulated - near.lost, "parameters": list(prior.names)},
            seconds=time.perf_counter() - begun,
            figures=told.figures,
            metrics=near.history,
            notes=[*notes, *replicated.notes, *near.notes, *told.notes, *self.not_adjusted(last)],
        )

    def described(self) -> dict[str, Any]:
        """The settings as plain numbers and words."""
        left_out = ("observation", "prior", "executor", "store", *(("time_limit",) if self.time_limit is None else ()))
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def check(self, problem: Any) -> None:
        """Errors: InputError for a share that is none, too few populations, or pairs where a simulator is needed."""
        if not 0 < self.accept <= 1:
            raise InputError("accept above 0 and at most 1", f"{self.accept:g}", "for example 0.01")
        if self.method == "rejection":
            return
        if isinstance(problem, posterior.Simulations):
            raise InputError("a simulator, for smc_abc", "simulated pairs", "use rejection")
        if self.populations < 2:
            raise InputError("two populations or more for smc_abc", f"{self.populations}", "or use rejection")
        if 2 * self.accept * self.simulations > self.of_prior:
            most = self.of_prior / (2 * self.simulations)
            raise InputError(f"accept at most {most:.2g} for {self.populations} populations", f"{self.accept:g}",
                             "lower it, or use rejection")  # fmt: skip

    @property
    def of_prior(self) -> int:
        """Simulations of the prior; of each population but the last."""
        if self.method == "rejection":
            return self.simulations
        return int(FIRST * self.simulations / (self.populations - 1))

    def accepted(self, pairs: int) -> int:
        """How many to accept.  Errors: InputError for fewer than ten."""
        n = math.ceil(self.accept * (pairs if self.method == "rejection" else self.simulations) - 1e-9)
        if n < FEWEST:
            found = f"{n}, a share of {self.accept:g}"
            raise InputError(f"{FEWEST} accepted simulations or more", found, "raise accept, or simulate more")
        return n

    def nearer(
        self, key: Any, near: NearPairs, population: "WeightedPopulation", checkpoint: Path | None,
        progress: ProgressCallable,
    ) -> "WeightedPopulation":  # fmt: skip
        """The last population; by rejection the first."""
        import jax

        for number in range(2, self.populations + 1 if self.method == "smc_abc" else 2):
            last = number == self.populations
            n = self.simulations - near.simulated if last else self.of_prior
            found = near.another(jax.random.fold_in(key, number), population, number, n, checkpoint, progress)
            if found is None:
                break
            population = found
        return population

    def adjusted(self, population: "WeightedPopulation", z_o: np.ndarray) -> np.ndarray:
        """Free parameters, moved along their regression if so."""
        if not self.adjust or not posterior.can_adjust(population.effective_size, len(z_o)):
            return population.u
        return posterior.adjusted(population.u, population.z, z_o, population.weight)

    def not_adjusted(self, population: "WeightedPopulation") -> list[str]:
        """A note where too few are accepted for the regression."""
        if not self.adjust or posterior.can_adjust(population.effective_size, population.z.shape[1]):
            return []
        n, m = population.effective_size, population.z.shape[1]
        return [f"not adjusted: {n:.0f} accepted are too few for a regression on {m} entries of the data"]

    def of_tolerance(self, rng: np.random.Generator, last: "WeightedPopulation", z_o: np.ndarray) -> list[Check]:
        """Does the posterior stay where ε is halved?  Of all as many as are independent."""
        of, kept = checks.learning.tolerance, np.zeros(len(last.u), bool)
        kept[posterior.thinned(rng, last.weight)] = True
        inside = last.distance <= last.epsilon / 2
        half = last.within(inside)
        alike = len(self.not_adjusted(half)) == len(self.not_adjusted(last))
        inner = self.adjusted(half, z_o)[kept[inside]] if alike else last.u[:0]
        enough = of.enough_accepted(last.effective_size, "effective_sample_size")
        return [enough, *of.small_enough(self.adjusted(last, z_o)[kept], inner, last.epsilon, rng)]

    def of_pairs(self, rng: np.random.Generator, near: NearPairs, theta: np.ndarray) -> Told:
        """Of held-out pairs, whose posteriors are those of their neighbors, too."""
        sides = split(rng, near.pairs.theta)
        rest = np.concatenate([sides.trained, sides.validated])
        u, ours = self.each(rng, near, rest, sides.held)
        linear = posterior.linear_log_prob(near.u[rest], near.z[rest], near.u[sides.held], near.z[sides.held])
        tested = near.theta(u.reshape(-1, u.shape[2])).reshape(u.shape)
        slope = near.log_slope(near.u[sides.held])
        fit = {"log_prob": mean_of(ours - slope), "log_prob/linear": mean_of(linear - slope),
               "log_prob_gain": mean_of(ours - linear)}  # fmt: skip
        found = PosteriorEvidence(rng, near.units, near.pairs, sides, tested, near.z, fit, GAIN)
        local, rows = found.near(theta)
        arrays = found.arrays(theta).assign(near=("near_pair", rows))
        return Told(found.estimates(theta, near.pairs.theta), [*found.checks(near.observed, theta), *local], arrays,
                    ["corner", "calibration"], found.notes)  # fmt: skip

    def each(
        self, rng: np.random.Generator, near: NearPairs, rest: np.ndarray, held: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Accepted u of each held-out pair [n, draws, d], some of them; ln of the normal law of all at its own u."""
        u, z, n = near.u[rest], near.z[rest], max(FEWEST, round(self.accept * len(rest)))
        drawn, log_prob = [], []
        for row in held:
            of = posterior.nearest(z, near.z[row], n)
            weight = np.full(len(of.rows), 1 / len(of.rows))
            accepted = posterior.WeightedPopulation(u[of.rows], z[of.rows], of.distance, weight, of.epsilon)
            found = self.adjusted(accepted, near.z[row])
            drawn.append(found[rng.permutation(len(found))[: min(DRAWS, n)]])
            log_prob.append(posterior.linear_log_prob(found, found[:, :0], near.u[row][None], near.u[row][None, :0])[0])
        return np.stack(drawn), np.array(log_prob)

    def of_populations(self, rng: np.random.Generator, near: NearPairs, theta: np.ndarray) -> Told:
        """The range of the simulations of the prior; whether all populations came about."""
        names, n = near.prior.names, len(near.history)
        found = [checks.posterior.in_simulated_range(near.z_o, near.z)]
        if n < self.populations:
            law = "populations, number (they end early: their simulations do not work)"
            found.append(Check(law, float(n), float(self.populations), 0.0, "unknown", relation=">="))
        estimates = means(theta, names) | contractions(theta, near.pairs.theta, names)
        return Told(estimates, found, samples(theta, names), ["corner"], [])


def of_acceptance(near: NearPairs, last: "WeightedPopulation") -> dict[str, Estimate]:
    """ε, how many are accepted, which share of all simulations that is, and as how many they count by their weights."""
    n, of_weights = float(len(last.u)), Estimate(last.effective_size)
    return {"epsilon": Estimate(last.epsilon), "accepted": Estimate(n), "acceptance": Estimate(n / near.simulated),
            "effective_sample_size": of_weights}  # fmt: skip
