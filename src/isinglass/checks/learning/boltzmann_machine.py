# SPDX-License-Identifier: Apache-2.0
"""Is a trained Boltzmann machine that of the data?  Its moments, chains, ln Z and likelihood of held-out rows."""

import numpy as np
from jaxtyping import Float
from scipy.stats import norm

from isinglass.result import Check, Estimate

__all__ = ["better_than_independent", "chains_mixed", "moments_agree", "not_overfitted"]

FALSE_ALARM, DOUBT = 1e-4, 0.01
PAIRS = 4000  # at most that are compared
OVERFIT = 0.1  # share of what is gained over independent units that may be lost on rows held out


def deviation(a: Float[np.ndarray, "n K"], b: Float[np.ndarray, "m K"], more: Float[np.ndarray, " K"] | float) -> float:
    """Largest |difference| of two means of independent rows in errors, `more` the variance that comes on top."""
    spread = a.var(axis=0, ddof=1) / len(a) + b.var(axis=0, ddof=1) / len(b) + more
    off = np.abs(a.mean(axis=0) - b.mean(axis=0))
    return float((off / np.sqrt(np.maximum(spread, 1e-6))).max())


def p_value(z: float, n: int) -> float:
    """Of the largest of n normal deviations, times n."""
    return min(1.0, 2 * n * float(norm.sf(z)))


def some_pairs(D: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """i < j of all pairs, of random ones where there are many."""
    i, j = np.triu_indices(D, 1)
    some = rng.choice(len(i), PAIRS, replace=False) if len(i) > PAIRS else np.arange(len(i))
    return i[some], j[some]


def moments_agree(
    sampled: Float[np.ndarray, "chains draws D"], held: Float[np.ndarray, "m D"], trained: int, seed: int
) -> Check:
    """<v_i> and <v_i v_j> of samples and of held-out rows: p-value of the largest deviation, times their number.

    The machine was fitted to as many rows as `trained` says, whose means have errors too.  False alarm 1e-4, below 0.01
    `unknown`.  Resolution: 5.5 errors of a moment, 0.1 for 3000 rows.
    """
    i, j = some_pairs(held.shape[1], np.random.default_rng(seed))
    moments = lambda x: np.concatenate([x, x[..., i] * x[..., j]], axis=-1)  # noqa: E731
    ours, theirs = np.stack([moments(x).mean(axis=0) for x in sampled]), moments(held)
    z = deviation(ours, theirs, theirs.var(axis=0) / trained)
    p = p_value(z, ours.shape[1])
    law = "means and products of pairs are those of held-out rows, p-value of the largest deviation"
    if FALSE_ALARM <= p < DOUBT:
        law += f" (doubtful below {DOUBT:g}: more epochs, or rows, decide)"
        return Check(law, p, FALSE_ALARM, 0.0, "unknown", relation=">=")
    return Check.at_least(law, p, FALSE_ALARM)


def chains_mixed(hot: Float[np.ndarray, "chains draws K"], cold: Float[np.ndarray, "chains draws K"]) -> Check:
    """Chains from independent units and chains from the rows have equal means of what is followed.

    Largest deviation in errors over chains.  False alarm 1e-4; resolution: 6 errors, 0.4 of the width for 500 chains.
    """
    z = deviation(hot.mean(axis=1), cold.mean(axis=1), 0.0)
    bound = float(norm.isf(FALSE_ALARM / 2 / hot.shape[-1]))
    law = "chains from random states and from rows agree, largest deviation in errors"
    if z <= bound:
        return Check.at_most(law, z, bound)
    law += "; they have not mixed, so that no sample and no ln Z by annealing can be believed: more sweeps decide"
    return Check(law, z, bound, 0.0, "unknown", relation="<=")


def not_overfitted(trained: Estimate, held: Estimate, gain: Estimate) -> Check:
    """ln p of training rows is not far above that of held-out rows: by a tenth of the gain over independent units.

    Tolerance 4 errors: false alarm 3e-5.
    """
    error = float(np.hypot(trained.error or 0.0, held.error or 0.0))
    off, bound = trained.value - held.value, OVERFIT * max(gain.value, 0.0)
    law = "log likelihood of training rows, above that of held-out rows"
    if off <= bound + 4 * error:
        return Check.at_most(law, off, bound, tolerance=4 * error, error=error)
    law += " (overfitted: more rows, fewer hidden units, fewer epochs or weight decay)"
    return Check(law, off, bound, 4 * error, "unknown", error, relation="<=")


def better_than_independent(gain: Estimate) -> Check:
    """ln p of held-out rows exceeds that of independent units with the means of the training rows, by 4 errors.

    Nothing shown is `unknown`, a loss of 4 errors a failure: false alarm 3e-5.
    """
    law, error = "log likelihood of held-out rows, above that of independent units", gain.error or 0.0
    if gain.value > 4 * error:
        return Check.at_least(law, gain.value, 0.0, error=gain.error, of="log_likelihood_gain")
    law += " (less than four errors: units may be independent, or training too short)"
    verdict = "fail" if gain.value < -4 * error else "unknown"
    return Check(law, gain.value, 0.0, 4 * error, verdict, gain.error, "", "log_likelihood_gain", ">=")
