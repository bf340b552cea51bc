# SPDX-License-Identifier: Apache-2.0
"""What held-out rows tell of a detector, beside logistic regression and, where it is known, the likelihood ratio."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import checks, stats
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.stats.roc import RocStatistic

__all__ = ["Detected"]

NETWORK, LOGISTIC, OPTIMAL = "network", "logistic", "likelihood_ratio"


@dataclass(frozen=True)
class Detected:
    """Scores of the held-out rows by several detectors, the network's first."""

    score: dict[str, np.ndarray]  # by the name of the detector
    probability: np.ndarray  # of the network
    signal: np.ndarray
    group: np.ndarray
    false_alarm: float
    fitted: int  # rows that the probabilities were calibrated on
    prior_log_odds: float  # ln of signals over background

    @cached_property
    def area(self) -> "dict[str, RocStatistic]":
        """Under the ROC."""
        return {name: stats.roc.area_under_roc(z, self.signal) for name, z in self.score.items()}

    @cached_property
    def power(self) -> "dict[str, RocStatistic]":
        """Detection probability at the false-alarm probability; nothing where there is less than one false alarm."""
        if (~self.signal).sum() * self.false_alarm < 1:
            return {}
        of = stats.roc.detection_probability
        return {name: of(z, self.signal, self.false_alarm)[0] for name, z in self.score.items()}

    def estimate(self, statistic: "RocStatistic", least: float = 0.0) -> Estimate:
        """With its error, not below that of one row in all."""
        return Estimate(statistic.value, max(stats.roc.error_of(statistic, self.group), least))

    @property
    def one_row(self) -> float:
        """What one row more or less would change."""
        return 1 / int(min(self.signal.sum(), (~self.signal).sum()))

    def estimates(self) -> dict[str, Estimate]:
        """Area, power, accuracy, log loss and calibration."""
        found, p, y = {}, self.probability, self.signal
        for title, of in (("auc", self.area), ("detection_probability", self.power)):
            for name, statistic in of.items():
                found[title if name == NETWORK else f"{title}/{name}"] = self.estimate(statistic, self.one_row / 2)
        hit = ((p > 0.5) == y).astype(float)
        loss = -np.log(np.clip(np.where(y, p, 1 - p), 1e-300, 1))
        for name, a in (("accuracy", hit), ("log_loss", loss)):
            mean = stats.roc.RocStatistic(float(a.mean()), (a - a.mean()) / len(a))
            found[name] = self.estimate(mean)
        error, chance = stats.roc.calibration_error(p, y)
        return found | {"calibration_error": Estimate(error), "calibration_error/by_chance": Estimate(chance)}

    def checks(self) -> list[Check]:
        """Probabilities that are true, more than chance, no less than logistic regression, no more than the optimum."""
        of, auc = checks.detection, self.estimate(self.area[NETWORK], self.one_row / 2)
        behind = self.area[NETWORK].minus(self.area[LOGISTIC])
        found = [
            of.calibrated(self.probability, self.signal, self.fitted),
            of.told_apart(auc.value, auc.error or 0.0),
            of.not_below_baseline(auc.value, self.area[LOGISTIC].value, self.estimate(behind, self.one_row / 2).error),
        ]
        return found if OPTIMAL not in self.score else found + self.against_optimum()

    def against_optimum(self) -> list[Check]:
        """The ROC against that of the likelihood ratio, on the same rows."""
        from scipy.special import expit

        of, found = checks.detection, []
        ratio = expit(self.score[OPTIMAL] + self.prior_log_odds)
        found.append(of.ratio_is_true(of.calibration_p_value(ratio, self.signal)))
        for what, title, values in (("area under the ROC", "auc", self.area),
                                    ("detection probability", "detection_probability", self.power)):  # fmt: skip
            if not values:
                continue
            error = self.estimate(values[NETWORK].minus(values[OPTIMAL]), self.one_row / 2).error or 0.0
            one, best = values[NETWORK].value, values[OPTIMAL].value
            found.append(of.not_above_optimum(what, one, best, error, title))
            if title == ("detection_probability" if self.power else "auc"):
                found.append(of.near_optimum(what, one, best, error, title))
        return found

    def arrays(self) -> Any:
        """The ROC of each detector with errors, the reliability of the probabilities, and the held-out rows."""
        import xarray as xr

        curves = [stats.roc.roc_curve(z, self.signal, self.group) for z in self.score.values()]
        r = stats.roc.reliability(self.probability, self.signal)
        kept: dict[str, Any] = {
            "power": (("detector", "false_alarm"), np.array([curve.power for curve in curves])),
            "power_error": (("detector", "false_alarm"), np.array([curve.error for curve in curves])),
            "score": (("detector", "held_out"), np.array(list(self.score.values()))),
            "probability": ("held_out", self.probability),
            "signal": ("held_out", self.signal),
            "share": ("bin", r.share),
            "share_error": ("bin", r.error),
            "rows": ("bin", r.count),
        }
        axes = {"detector": list(self.score), "false_alarm": curves[0].false_alarm, "bin": r.probability}
        return xr.Dataset(kept, axes, {"asked_false_alarm": self.false_alarm})
