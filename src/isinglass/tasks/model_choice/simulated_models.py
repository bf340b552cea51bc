# SPDX-License-Identifier: Apache-2.0
"""Bayes factors of simulators: the odds of networks that tell their simulations apart, pair by pair."""

from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import checks
from isinglass.errors import InputError
from isinglass.inference import detection, posterior
from isinglass.result import Check, Result
from isinglass.run.progress import ProgressCallable, telling
from isinglass.tasks.detection.infer_detection import HELD, InferDetection
from isinglass.tasks.model_choice.model_odds import ModelOdds
from isinglass.tasks.posterior.source import PairSource, checked_observation, lost_pairs

if TYPE_CHECKING:
    from isinglass.tasks.model_choice.infer_model import InferModel

__all__ = ["SimulatedModels"]

KEPT = ("probabilities are true", "is not below that of logistic regression", "training stays finite")
ONE_SIGMA = 0.8413  # of a normal number below its deviation
NEAR = 0.5  # nat
LEAST = 100  # simulations of a model
ORDER = ("fail", "unknown", "pass")


@dataclass(frozen=True)
class SimulatedModels:
    """Models that simulate, with their priors."""

    task: "InferModel"
    named: dict[str, Any]
    priors: dict[str, Any]

    def compared(self, key: Any, progress: ProgressCallable, checkpoint: Path | None) -> tuple[ModelOdds, Result]:
        """ln B of all pairs of models; estimates, checks, notes and networks."""
        import jax

        key_x, key_net = jax.random.split(key)
        if self.task.networks < 2:
            raise InputError("two networks or more, whose spread is the error", f"{self.task.networks}", "leave it out")
        x, found, notes = self.simulated(key_x, progress, checkpoint)
        observed = checked_observation(self.task.observation, next(iter(x.values())).shape[1:])
        units = posterior.units_of_data(np.concatenate(list(x.values())), None)
        z = {name: posterior.standardized_data(units, rows).astype(float) for name, rows in x.items()}
        z_o = posterior.standardized_data(units, observed[None])[0].astype(float)
        names, more = tuple(self.named), Result("models", checks=found, notes=notes)
        value, error = np.zeros((2, len(names), len(names)))
        for j, k in combinations(range(len(names)), 2):
            pair = names[j], names[k]
            key_net, key_pair = jax.random.split(key_net)
            folder = checkpoint and checkpoint / f"pair_{j}_{k}"
            told = self.networks(key_pair, z[pair[0]], z[pair[1]], telling(progress, " or ".join(pair)), folder)
            value[j, k], error[j, k] = log_factor(told, z_o, z[pair[0]], z[pair[1]])
            value[k, j], error[k, j] = -value[j, k], error[j, k]
            more.checks += worst(told, " or ".join(pair))
            more.estimates["auc/" + "_or_".join(pair)] = told[0].estimates["auc"]
            more.models["_or_".join(pair)] = told[0].models["detector"]
        more.checks.append(checks.learning.model_choice.one_in_range(z_o, z))
        least = 1 / (HELD * 2 * min(map(len, z.values())))
        return ModelOdds(names, value, error, least=least), more

    def simulated(
        self, key: Any, progress: ProgressCallable, checkpoint: Path | None
    ) -> tuple[dict[str, np.ndarray], list[Check], list[str]]:
        """Data of every model, of one shape, and what was lost."""
        import jax

        x, found, notes = {}, [], []
        for i, (name, one) in enumerate(self.named.items()):
            if isinstance(one, np.ndarray):
                x[name], lost = finite_rows(name, one)
                found += [replace(check, law=f"{name}: {check.law}") for check in lost_pairs(lost, len(x[name]))]
                continue
            external = posterior.is_external(getattr(one, "simulate", one))
            farm = {"executor": self.task.executor, "time_limit": self.task.time_limit} if external else {}
            source = PairSource(one, self.priors[name], self.task.observation, self.task.simulations, **farm)
            folder = checkpoint and checkpoint / f"model_{i}"
            pairs, _, lost, said = source.simulated(jax.random.fold_in(key, i), folder, telling(progress, name))
            x[name] = pairs.x
            found += [replace(check, law=f"{name}: {check.law}") for check in lost_pairs(lost, len(pairs.x))]
            notes += [f"{name}: {note}" for note in said]
        shapes = {name: list(rows.shape[1:]) for name, rows in x.items()}
        if len({tuple(shape) for shape in shapes.values()}) > 1:
            said = ", ".join(f"{shape} of {name}" for name, shape in shapes.items())
            raise InputError("models that return one shape", said, "let all return the same quantities")
        return x, found, notes

    def networks(
        self, key: Any, a: np.ndarray, b: np.ndarray, progress: ProgressCallable, checkpoint: Path | None
    ) -> list[Result]:
        """Networks that tell a from b, each with rows of its own held out."""
        import jax

        rows = detection.Labelled(np.concatenate([a, b]), np.repeat([1, 0], [len(a), len(b)]))
        of = InferDetection()
        return [of.run(jax.random.fold_in(key, i), rows, progress=telling(progress, f"network {i + 1}"),
                       checkpoint=checkpoint and checkpoint / f"network_{i}")
                for i in range(self.task.networks)]  # fmt: skip


def finite_rows(name: str, x: np.ndarray) -> tuple[np.ndarray, int]:
    """Simulations that are given: those of finite numbers, and how many are not.  Errors: InputError for too few."""
    if x.ndim < 1 or x.dtype.kind not in "biuf":
        raise InputError(f"simulations of {name} [n, ...]", f"shape {list(x.shape)} of {x.dtype}", "give numbers")
    rows = x.reshape(len(x), -1).astype(float)
    good = np.isfinite(rows).all(axis=1)
    if good.sum() < LEAST:
        raise InputError(f"{LEAST} finite simulations of {name} or more", f"{good.sum()}", "simulate more")
    kept = x[good].astype(float)
    return (kept[:, None] if x.ndim == 1 else kept), int((~good).sum())


def log_factor(told: list[Result], z_o: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """ln B of a and b at the observation, and its error: the scatter of the networks, and 1/√n for n simulations of the
    less likely model that are at least as much like the other as the observation is, whose density there few tell.
    """
    from scipy.stats import t as student

    ratio = float(np.log(len(a) / len(b)))  # of the rows, which the odds among them contain
    each = np.array([log_odds(of, z_o[None])[0] - ratio for of in told])
    value = float(each.mean())
    rows, sign = (b, 1.0) if value > 0 else (a, -1.0)
    beyond = int((sign * (log_odds(told[0], rows) - ratio) >= abs(value) - NEAR).sum())
    scatter = float(each.std(ddof=1) * student.ppf(ONE_SIGMA, len(each) - 1))
    return value, float(np.hypot(scatter, (1 + beyond) ** -0.5))


def log_odds(told: Result, z: np.ndarray) -> np.ndarray:
    """Of a network, calibrated."""
    of = told.models["detector"]
    return float(of.slope) * detection.detector_logits(of, z) + float(of.offset)


def worst(told: list[Result], pair: str) -> list[Check]:
    """Of the networks of a pair, for each law the check that is worst."""
    found = []
    for law in KEPT:
        same = [check for of in told for check in of.checks if law in check.law]
        if same:
            least = min(same, key=lambda check: (ORDER.index(check.verdict), check.measured or 0.0))
            found.append(replace(least, law=f"{pair}: {least.law}", of=""))
    return found
