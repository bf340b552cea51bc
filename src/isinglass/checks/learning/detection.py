# SPDX-License-Identifier: Apache-2.0
"""Are the probabilities of a detector true, and does it detect no more than can be detected?

Neyman and Pearson 1933, doi:10.1098/rsta.1933.0009: nothing is above the ROC of the likelihood ratio.
"""

import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import chi2, norm, poisson

from isinglass.result import Check
from isinglass.stats.roc import BINS

__all__ = [
    "calibrated",
    "calibration_p_value",
    "enough_rows",
    "labels_hidden",
    "near_optimum",
    "not_above_optimum",
    "not_below_baseline",
    "ratio_is_true",
    "told_apart",
]

FALSE_ALARM, DOUBT = 1e-4, 0.01
Z_1E4 = 3.719  # one-sided normal quantile of 1 - 1e-4
FEWEST = 5.0  # variance of the count of signals, below which it is no normal number


def calibration_p_value(p: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"], fitted: float = np.inf) -> float:
    """The smallest of three p-values, times three: of the number of signals, of the confidence, of ten bins.

    z = Σ (y - p)/√Σ p(1 - p); z = Σ (y - p)(1 - 2p)/√Σ (1 - 2p)² p(1 - p) (Spiegelhalter 1986,
    doi:10.1002/sim.4780050506); χ² = Σ_bins (n_1 - Σ p)²/Σ p(1 - p).  The map from scores to probabilities was fitted
    on `fitted` other rows, whose noise adds a variance of n/fitted.  Where nearly all probabilities are near 0 or 1,
    the number of surprises, rows against their probability, is held against Poisson's law.
    """
    wider, variance, off = 1 + len(p) / fitted, p * (1 - p), signal - p
    if variance.sum() < FEWEST:
        expected = float(np.minimum(p, 1 - p).sum()) * wider
        surprises = float(((p > 0.5) != signal).sum())
        below, above = poisson.cdf(surprises, expected), poisson.sf(surprises - 1, expected)
        return float(min(1.0, 2 * min(below, above)))
    lean = 1 - 2 * p
    spread = float(np.sum(lean**2 * variance))
    z = [off.sum() / variance.sum() ** 0.5, (off * lean).sum() / spread**0.5 if spread > 0 else 0.0]
    each = [2 * norm.sf(abs(value) / wider**0.5) for value in z]
    where = np.minimum((p * BINS).astype(int), BINS - 1)
    k, v = (np.bincount(where, w, BINS) for w in (off, variance))
    filled = v >= FEWEST
    if filled.any():
        each.append(chi2.sf(np.sum(k[filled] ** 2 / v[filled]) / wider, filled.sum()))
    return float(min(1.0, len(each) * min(each)))


def calibrated(p: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"], fitted: float = np.inf) -> Check:
    """Of rows with probability p a share p are signals.

    p-value at least 1e-4, `unknown` below 0.01.  False alarm 1e-4 for independent rows.  Resolution for 2000 rows of
    overlapping classes: logits wrong by a fifth.
    """
    value = calibration_p_value(p, signal, fitted)
    law = "probabilities are true (of those near p, a share p are signals), p-value"
    source = "doi:10.1002/sim.4780050506"
    if FALSE_ALARM <= value < DOUBT:
        law = f"{law} (doubtful below {DOUBT:g}; more rows decide)"
        return Check(law, value, FALSE_ALARM, 0.0, "unknown", source=source, relation=">=")
    return Check.at_least(law, value, FALSE_ALARM, source=source)


def told_apart(auc: float, error: float) -> Check:
    """Signal and background are told apart: the area under the ROC is above ½ by 3.72 errors, else `unknown`."""
    check = Check.at_least("area under the ROC, above that of chance", auc, 0.5 + Z_1E4 * error, error=error, of="auc")
    if check.verdict == "pass":
        return check
    law = (
        "area under the ROC, above that of chance (it is not: the columns do not tell the classes apart, or labels are"
    )
    return Check(f"{law} mixed up)", auc, 0.5 + Z_1E4 * error, 0.0, "unknown", error=error, of="auc", relation=">=")


def not_above_optimum(what: str, found: float, best: float, error: float, of: str) -> Check:
    """No detector beats the likelihood ratio: measured on the same rows, by at most 3.72 errors of the difference.

    False alarm 1e-4; resolution: 7 errors of the difference.
    """
    law = f"{what} does not exceed that of the likelihood ratio (a leak would)"
    return Check.at_most(
        law, found, best, tolerance=Z_1E4 * error, error=error, source="Neyman and Pearson 1933", of=of
    )


def near_optimum(what: str, found: float, best: float, error: float, of: str, margin: float = 0.02) -> Check:
    """The network detects as much as can be detected, but for 2 %; `unknown` where that is missed by < 4 errors."""
    law = f"{what} is within {margin:.0%} of that of the likelihood ratio"
    source = "Neyman and Pearson 1933"
    return Check.at_least(law, found, best, tolerance=margin * best, error=error, source=source, of=of).resolved()


def not_below_baseline(found: float, baseline: float, error: float) -> Check:
    """The network's area under the ROC is not below that of logistic regression, by 3.72 errors of the difference."""
    law = "area under the ROC is not below that of logistic regression"
    return Check.at_least(law, found, baseline, tolerance=Z_1E4 * error, error=error, of="auc")


def ratio_is_true(p_value: float) -> Check:
    """The likelihood ratio that was given makes true probabilities; else it is no reference (`unknown`)."""
    law = "the likelihood ratio that was given makes true probabilities, p-value"
    check = Check.at_least(law, p_value, FALSE_ALARM)
    if check.verdict == "pass":
        return check
    return Check(f"{law} (it does not: it is no reference)", p_value, FALSE_ALARM, 0.0, "unknown", relation=">=")


def labels_hidden(x: Float[np.ndarray, "n m"], signal: Bool[np.ndarray, " n"], names: tuple[str, ...]) -> list[Check]:
    """No column is the label: one value for all signals, another for all of the background."""
    flat = [(np.ptp(x[side], axis=0) == 0) for side in (signal, ~signal)]
    different = x[signal][0] != x[~signal][0]
    leaks = np.flatnonzero(flat[0] & flat[1] & different)
    if not len(leaks):
        return []
    name = names[leaks[0]] if names else f"column {leaks[0]}"
    law = f"no column is the label itself, number of those that are ({name}: leave it out)"
    return [Check.at_most(law, len(leaks), 0.0)]


def enough_rows(rows: int, columns: int) -> list[Check]:
    """More rows to train on than columns; else any labels are fitted (`unknown`)."""
    if rows > columns:
        return []
    law = "rows to train on for each column (fewer than columns: any labels could be fitted)"
    return [Check(law, rows / columns, 1.0, 0.0, "unknown", relation=">=")]
