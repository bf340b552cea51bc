# SPDX-License-Identifier: Apache-2.0
"""What more simulations would bring, from trainings with fewer of them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.result import Check, Estimate
from isinglass.run.progress import ProgressCallable, telling

if TYPE_CHECKING:
    from isinglass.systems.simulator.prior import Prior
    from isinglass.tasks.posterior.infer_posterior import InferPosterior
    from isinglass.tasks.posterior.rounds import FittedPosterior

__all__ = ["BudgetCurve", "budget_curve"]

FEWEST = 100  # pairs of a training
GAIN = 0.5  # nat by the last doubling, above which a posterior is doubted


@dataclass(frozen=True)
class BudgetCurve:
    """How well the same held-out pairs are told by trainings of n, n/2, n/4 ... pairs."""

    words: str  # what is told
    pairs: np.ndarray  # [k], n first
    told: np.ndarray  # [k, held]

    @property
    def gain(self) -> Estimate:
        """By the last doubling, on the same pairs."""
        off = self.told[0] - self.told[1]
        return Estimate(float(off.mean()), float(off.std(ddof=1) / len(off) ** 0.5), "nat")

    def estimates(self) -> dict[str, Estimate]:
        """The gain of the last doubling."""
        return {"gain_of_doubling": self.gain} if len(self.pairs) > 1 else {}

    def checks(self) -> list[Check]:
        """Twice the simulations would bring little: the last doubling did.

        `unknown` above 0.5 nat: E KL(p, q) falls by the gain of a doubling; a posterior that falls short by it is wide
        of the exact one, however calibrated.
        """
        if len(self.pairs) < 2:
            return []
        gain = self.gain
        enough = gain.value <= GAIN
        law = f"{self.words}, gained by the last doubling of the simulations"
        law += "" if enough else " (more simulations sharpen it)"
        return [Check(law, gain.value, GAIN, 0.0, "pass" if enough else "unknown", gain.error, of="gain_of_doubling",
                      relation="<=")]  # fmt: skip

    def arrays(self) -> dict[str, Any]:
        """Means and errors by the number of pairs."""
        if len(self.pairs) < 2:
            return {}
        error = self.told.std(axis=1, ddof=1) / self.told.shape[1] ** 0.5
        return {"budget": ("training", self.pairs), "told": ("training", self.told.mean(axis=1)),
                "told_error": ("training", error)}  # fmt: skip

    def figures(self) -> list[str]:
        """Of the curve, where there is one."""
        return ["budget_curve"] if len(self.pairs) > 1 else []


def budget_curve(
    task: "InferPosterior", keys: tuple[Any, Any], fit: "FittedPosterior", ours: np.ndarray, prior: "Prior",
    checkpoint: Path | None, progress: ProgressCallable,
) -> BudgetCurve:  # fmt: skip
    """Trainings with fewer pairs, of which each is there several times: the program that is compiled stays the same.

    `ours` [held]: how well the pairs are told by `fit`, which has them all.
    """
    of, sides = task.estimator, fit.sides
    n = len(sides.trained)
    told, pairs = [ours], [n]
    if not of.trains(fit.model):
        task = replace(task, density="normal")
    for k in range(1, task.halvings + 1 if task.rounds == 1 else 1):
        few = n // 2**k
        if few < FEWEST or few < 10 * fit.pairs.theta.shape[1]:
            break
        rows = np.resize(np.random.default_rng(k).permutation(sides.trained)[:few], n)
        folder = checkpoint and checkpoint / f"budget_{few}"
        part = task.fitted_on(keys, sides._replace(trained=rows), fit.pairs, prior, folder,
                              telling(progress, f"{few} pairs, for comparison"))  # fmt: skip
        told.append(of.told(part.model, fit.pairs, sides, fit.rows)[0])
        pairs.append(few)
    return BudgetCurve(of.gain, np.array(pairs), np.array(told))
