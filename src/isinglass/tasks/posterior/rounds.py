# SPDX-License-Identifier: Apache-2.0
"""Rounds for one observation: each simulates parameters of the prior where the posterior of the round before lies."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from isinglass import checks
from isinglass.inference import posterior
from isinglass.result import Check, Estimate
from isinglass.run.progress import ProgressCallable, telling

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations
    from isinglass.systems.simulator.prior import Prior
    from isinglass.tasks.posterior.evidence import PairSides
    from isinglass.tasks.posterior.infer_posterior import InferPosterior
    from isinglass.tasks.posterior.source import PairSource
    from isinglass.training.fit import Trained

__all__ = ["FittedPosterior", "Rounds"]


class FittedPosterior(NamedTuple):
    """A posterior, and the pairs that it is of."""

    model: Any
    pairs: "Simulations"
    sides: "PairSides"
    rows: tuple[np.ndarray, np.ndarray]  # all pairs as the network sees them
    trained: "Trained"


@dataclass
class Rounds:
    """What the rounds of one observation have in common, and what they found."""

    task: "InferPosterior"
    source: "PairSource"
    prior: "Prior"
    observed: np.ndarray
    rng: np.random.Generator
    regions: tuple[Any, ...] = ()
    share: float = 1.0  # of the prior, in the last round
    lost: int = 0
    ended: bool = False  # no further round is possible
    notes: list[str] = field(default_factory=list)

    def another(
        self, key: Any, number: int, before: FittedPosterior, checkpoint: Path | None, progress: ProgressCallable
    ) -> FittedPosterior:
        """Cut the prior, simulate there, and train on all pairs that lie there, whatever their round."""
        import jax

        from isinglass.tasks.posterior import truncation

        if self.ended:
            return before
        key_post, key_theta, key_x, key_net, key_fit = jax.random.split(key, 5)
        of, report = self.task.estimator, telling(progress, f"round {number}")
        found = of.at(key_post, self.task, before.model, self.prior, self.observed, report)
        region = truncation.region_of(of.log_ratio(before.model, self.prior, self.observed), found.theta)
        cut = truncation.TruncatedPrior(self.prior, truncation.Inside((*self.regions, region)))
        theta, share = cut.draw(key_theta, self.task.simulations // self.task.rounds, found.theta)
        if not len(theta):
            self.ended = True
            self.notes.append(
                f"no round {number}: the posterior lies at the end of the prior, or beyond earlier rounds"
            )
            return before
        self.regions, self.share = (*self.regions, region), share
        folder = checkpoint and checkpoint / f"round_{number}"
        made = posterior.simulate_at(key_x, self.source.simulate, theta, self.prior.names, report,
                                     self.source.farming(checkpoint, number))  # fmt: skip
        new, lost = posterior.finite_pairs(made, rows=self.task.embedding == "set")
        self.lost += lost
        self.notes += [f"round {number}: {note}" for note in posterior.lost_notes(new)]
        old, inside = before.pairs, np.isfinite(truncation.ratios(cut.inside, before.pairs.theta))
        pairs = replace(new, theta=np.concatenate([old.theta[inside], new.theta]),
                        x=np.concatenate([old.x[inside], new.x]))  # fmt: skip
        return self.task.fitted((key_net, key_fit), self.rng, pairs, self.prior, folder, report)

    def estimates(self, theta: np.ndarray) -> dict[str, Estimate]:
        """The share of the prior in which the last round simulated."""
        return {"prior_share": Estimate(self.share)} if self.regions else {}

    def checks(self, theta: np.ndarray) -> list[Check]:
        """No round has cut off what the last one finds."""
        if not self.regions:
            return []
        worst = max(region.share_doubted(theta) for region in self.regions)
        return [checks.posterior.within_earlier_rounds(worst)]
