# SPDX-License-Identifier: Apache-2.0
"""How a posterior is learned from pairs: by itself, by a likelihood, or by a ratio, with Monte Carlo on top."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from isinglass import checks, nets
from isinglass.errors import InputError
from isinglass.inference import posterior
from isinglass.result import Check, Estimate
from isinglass.run.progress import ProgressCallable
from isinglass.systems.simulator.log_likelihood import LogLikelihood
from isinglass.tasks.posterior.infer_likelihood import InferLikelihood

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.tasks.posterior.evidence import PairSides
    from isinglass.tasks.posterior.infer_posterior import InferPosterior
    from isinglass.tasks.posterior.rounds import FittedPosterior

__all__ = ["BY_DISTANCE", "ESTIMATORS", "AbstractEstimator", "AtObservation", "methods"]

DRAWS = 100  # posterior samples of each held-out pair
OF_MEMBER = 4000  # samples of each network of several
SAME = 0.05  # share of simulations in which a real number has one value
LEAST_SHARE = 0.5  # of draws that lie where the prior is not zero
CONTRASTED = 300  # held-out pairs, of which each is told from all others


class AtObservation(NamedTuple):
    """Samples of the posterior of the observation, and what Monte Carlo says of them."""

    theta: np.ndarray
    estimates: dict[str, Estimate]
    checks: list[Check]


class AbstractEstimator(ABC):
    """A network that is trained on pairs, and posteriors by it."""

    name: ClassVar[str]  # of the model in the result
    quantity: ClassVar[str]  # how well held-out pairs are told: an estimate
    gain: ClassVar[str]  # the same, in words

    @abstractmethod
    def begun(
        self, key: Any, task: "InferPosterior", pairs: "Simulations", prior: "Prior", of: np.ndarray
    ) -> tuple[Any, Any]:
        """An untrained model, linear regression of the pairs number `of`; and all pairs as rows for the training."""

    @abstractmethod
    def network(self, model: Any) -> Any:
        """The part that is trained."""

    def trains(self, model: Any) -> bool:
        """Whether there is something to train: linear regression with normal residuals is in closed form."""
        return True

    @abstractmethod
    def loss(self, task: "InferPosterior") -> Callable:
        """What the training lowers, a function of key, network and rows."""

    @abstractmethod
    def finished(self, model: Any, network: Any, own: Any, other: Any) -> Any:
        """The model with the trained network, by its own rows and others that it was not trained on."""

    @abstractmethod
    def at(
        self, key: Any, task: "InferPosterior", model: Any, prior: "Prior", x: np.ndarray, progress: ProgressCallable
    ) -> AtObservation:
        """The posterior of one observation."""

    @abstractmethod
    def each(self, key: Any, model: Any, prior: "Prior", x: np.ndarray) -> np.ndarray:
        """Few draws of the posteriors of many observations, [n, DRAWS, d]."""

    @abstractmethod
    def log_ratio(self, model: Any, prior: "Prior", x: np.ndarray) -> Callable:
        """θ -> ln p(θ given x)/p(θ) and a constant, a module."""

    @abstractmethod
    def told(
        self, model: Any, pairs: "Simulations", sides: "PairSides", rows: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """How well each held-out pair is told, by the network and by linear regression."""

    def doubts(self, pairs: "Simulations") -> list[Check]:
        """Of pairs that this way was not made for."""
        return []

    def untrained(self, fit: "FittedPosterior") -> list[Check]:
        """Of a model without anything to train: nothing in the pairs that it is of speaks against it."""
        of = fit.sides.trained
        return [checks.posterior.normal_residuals(posterior.normality(fit.rows[0][of], fit.rows[1][of]), len(of))]

    def fit(self, ours: np.ndarray, linear: np.ndarray) -> dict[str, Estimate]:
        """Means over the held-out pairs, and their gap."""
        return {self.quantity: mean_of(ours), f"{self.quantity}/linear": mean_of(linear),
                f"{self.quantity}_gain": mean_of(ours - linear)}  # fmt: skip


class PosteriorEstimator(AbstractEstimator):
    """q(θ given x) itself."""

    name: ClassVar[str] = "posterior"
    quantity: ClassVar[str] = "log_prob"
    gain: ClassVar[str] = "log probability of true parameters"

    def begun(self, key, task, pairs, prior, of):
        several = task.members > 1 and task.density == "auto"  # regressions would all be the same
        return posterior.untrained_posterior(
            key, prior.range, pairs.theta, pairs.x, hidden=(task.width,) * task.layers, bins=task.bins,
            embedding=task.embedding, density="autoregressive" if several else task.density, of=of,
        )  # fmt: skip

    def network(self, model):
        return model.flow

    def trains(self, model):
        return not isinstance(posterior.members_of(model)[0].flow.flow.base, nets.StandardNormal)

    def loss(self, task):
        from isinglass.tasks.posterior.losses import LOSSES

        return LOSSES.get(task.density, posterior.NegativeLogPosterior)()

    def finished(self, model, network, own, other):
        import equinox as eqx

        return eqx.tree_at(lambda m: m.flow, model, posterior.best_flow(model.flow, network, own, other))

    def at(self, key, task, model, prior, x, progress):
        theta, share = posterior.drawn_within(key, model, prior, x[None], task.samples)
        estimates, found = self.disagreement(key, model, x)
        if share == 1.0:
            return AtObservation(theta[0], estimates, found)
        acceptance = Estimate(share, (share * (1 - share) / task.samples) ** 0.5)
        law = "share of posterior samples where the prior is not zero (the others are drawn again)"
        check = Check(law, share, LEAST_SHARE, 0.0, "pass" if share >= LEAST_SHARE else "unknown", acceptance.error,
                      of="acceptance", relation=">=")  # fmt: skip
        return AtObservation(theta[0], estimates | {"acceptance": acceptance}, [*found, check])

    def disagreement(self, key: Any, model: Any, x: np.ndarray) -> tuple[dict[str, Estimate], list[Check]]:
        """Of several networks, by the means of their posteriors of one x."""
        members = posterior.members_of(model)
        if len(members) < 2:
            return {}, []
        theta = np.stack([posterior.drawn(key, one, x[None], OF_MEMBER)[0] for one in members])
        return {"member_disagreement": Estimate(checks.posterior.disagreement(theta))}, [
            checks.posterior.members_agree(checks.posterior.disagreement(theta), len(members), "member_disagreement")
        ]

    def each(self, key, model, prior, x):
        return posterior.drawn_within(key, model, prior, x, DRAWS)[0]

    def log_ratio(self, model, prior, x):
        import jax.numpy as jnp

        return posterior.RatioOf(model.given(jnp.asarray(x)), prior)

    def told(self, model, pairs, sides, rows):
        """ln q(θ given x): of the flow, of linear regression of u with normal errors."""
        held, rest = sides.held, np.concatenate([sides.trained, sides.validated])
        u, z = rows[0], present(rows[1])
        ours, slope = posterior.log_probs_and_slopes(model, pairs.theta[held], pairs.x[held])
        return ours, posterior.linear_log_prob(u[rest], z[rest], u[held], z[held]) - slope


class AbstractMonteCarloEstimator(AbstractEstimator):
    """By a model with `log_ratio(theta, x)`: posteriors by Monte Carlo."""

    def at(self, key, task, model, prior, x, progress):
        return by_monte_carlo(key, task, model, prior, x, progress)

    def each(self, key, model, prior, x):
        from isinglass.tasks.posterior.by_likelihood import sampled_each

        return sampled_each(key, model, prior, x, DRAWS)

    def log_ratio(self, model, prior, x):
        import jax.numpy as jnp

        return posterior.LikelihoodOf(model, jnp.asarray(x))


class LikelihoodEstimator(AbstractMonteCarloEstimator):
    """q(x given θ), with Monte Carlo on top."""

    name: ClassVar[str] = "likelihood"
    quantity: ClassVar[str] = "log_likelihood"
    gain: ClassVar[str] = "log probability of simulated data"

    def begun(self, key, task, pairs, prior, of):
        if task.embedding != "none":
            raise InputError("data as they are for method nle", f"embedding {task.embedding}", "use npe or nre")
        if (still := np.ptp(pairs.x, axis=0).ravel() == 0).any():
            found = f"entry {int(np.argmax(still))} is always {pairs.x[0].ravel()[np.argmax(still)]:g}"
            raise InputError("data that vary, for method nle", found, "leave it out, or use npe or nre")
        return posterior.untrained_likelihood(key, prior.range, pairs.theta, pairs.x,
                                              hidden=(task.width,) * task.layers, bins=task.bins, of=of)  # fmt: skip

    def network(self, model):
        return model.flow

    def loss(self, task):
        return posterior.NegativeLogPosterior()

    def finished(self, model, network, own, other):
        import equinox as eqx

        return eqx.tree_at(lambda m: m.flow, model, posterior.best_flow(model.flow, network, own, other))

    def doubts(self, pairs):
        """Data that take one value in many simulations, as counts do: a density of them has no bound."""
        x = pairs.x.reshape(len(pairs.x), -1)
        shares = [float(np.unique(column, return_counts=True)[1].max() / len(x)) for column in x.T]
        if max(shares) <= SAME:
            return []
        law = f"share of simulations in which entry {int(np.argmax(shares))} has one and the same value"
        law += " (nle is for data that are real numbers; npe takes counts)"
        return [Check(law, max(shares), SAME, 0.0, "unknown", relation="<=")]

    def told(self, model, pairs, sides, rows):
        """ln q(x given θ) in the units of the data: of the flow, of linear regression with normal errors."""
        held, rest = sides.held, np.concatenate([sides.trained, sides.validated])
        z, u = rows
        ours = log_probs(model.flow, z[held], u[held])
        return ours, posterior.linear_log_prob(z[rest], u[rest], z[held], u[held])


class RatioEstimator(AbstractMonteCarloEstimator):
    """p(x given θ)/p(x), with Monte Carlo on top."""

    name: ClassVar[str] = "ratio"
    quantity: ClassVar[str] = "information"
    gain: ClassVar[str] = "information of data on parameters"

    def begun(self, key, task, pairs, prior, of):
        return posterior.untrained_ratio(key, prior.range, pairs.theta, pairs.x, hidden=(task.width,) * task.layers,
                                         embedding=task.embedding)  # fmt: skip

    def network(self, model):
        return model.net

    def loss(self, task):
        return posterior.ContrastiveLoss()

    def finished(self, model, network, own, other):
        import equinox as eqx

        loss = eqx.filter_jit(posterior.ContrastiveLoss())
        better = loss(None, network, other) < loss(None, model.net, other)
        return eqx.tree_at(lambda m: m.net, model, network if better else model.net)

    def told(self, model, pairs, sides, rows):
        """A bound of the mutual information: of the network, of linear regression with normal errors."""
        import jax.numpy as jnp

        held, rest = sides.held[:CONTRASTED], np.concatenate([sides.trained, sides.validated])
        u, z = rows[0], present(rows[1])
        ours = np.asarray(posterior.contrast(model.net, jnp.asarray(u[held]), jnp.asarray(rows[1][held])), float)
        return ours, posterior.linear_contrast(u[rest], z[rest], u[held], z[held])


ESTIMATORS: dict[str, AbstractEstimator] = {
    "npe": PosteriorEstimator(), "nle": LikelihoodEstimator(), "nre": RatioEstimator(),
}  # fmt: skip

BY_DISTANCE = ("rejection", "smc_abc")  # without a network


def methods() -> list[str]:
    """All ways to the posterior of a simulator."""
    return [*ESTIMATORS, *BY_DISTANCE]


def by_monte_carlo(
    key: Any, task: "InferPosterior", model: Any, prior: "Prior", x: np.ndarray, progress: ProgressCallable
) -> AtObservation:
    """Sequential Monte Carlo, and chains where they are asked for, of a likelihood that was learned."""
    import jax.numpy as jnp

    of = InferLikelihood(prior=prior, method=task.sampler, samples=task.samples)
    found = of.run(key, LogLikelihood(posterior.LikelihoodOf(model, jnp.asarray(x))), progress=progress)
    theta = np.stack([found.arrays[name].to_numpy() for name in prior.names], axis=1)
    kept = {name: e for name, e in found.estimates.items() if name not in prior.names}
    return AtObservation(theta, kept, found.checks)


def log_probs(flow: Any, u: Any, z: Any) -> np.ndarray:
    """ln q(u given z), row by row."""
    return np.asarray(posterior.flow_log_probs(flow, u, z), float)


def mean_of(told: np.ndarray) -> Estimate:
    """Mean over pairs, with its error."""
    return Estimate(float(told.mean()), float(told.std(ddof=1) / len(told) ** 0.5), "nat")


def present(z: np.ndarray) -> np.ndarray:
    """z with 0, the mean, in place of what is absent."""
    return np.where(z < nets.embedding.ABSENT, z, 0.0)
