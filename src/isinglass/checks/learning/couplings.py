# SPDX-License-Identifier: Apache-2.0
"""Are inferred couplings those of the samples?  Equations solved, both sides equal, moments that were not fitted."""

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import t as student

from isinglass.result import Check

__all__ = ["determined", "equations_solved", "moments_reproduced", "symmetric"]

FALSE_ALARM, DOUBT = 1e-4, 0.01
LARGEST_ERROR = 0.15  # of a coupling in units of the temperature, beyond which it is not known
MOST = 3000  # pairs, and triples, that are compared
SPREAD = 1e-6  # variance of a mean below which it is rounding


def equations_solved(left: float) -> Check:
    """What is left of the equations: a gradient, or a moment.  Not solved where a likelihood has no maximum."""
    law = "equations for the couplings are solved"
    if left <= 1e-6:  # noqa: PLR2004
        return Check.at_most(law, left, 1e-6)
    law += ": not, as where some spin is fixed by others in every row; more rows, or ridge, decide"
    return Check(law, float(left), 1e-6, 0.0, "unknown", relation="<=")


def determined(J_error: Float[np.ndarray, "N N"], h_error: Float[np.ndarray, " N"]) -> Check:
    """The largest standard error of a coupling or field is at most 0.15 temperatures: beyond, errors are too small."""
    worst = float(max(np.nanmax(J_error), np.nanmax(h_error)))
    law = "largest standard error of a coupling or field"
    if worst <= LARGEST_ERROR:
        return Check.at_most(law, worst, LARGEST_ERROR)
    return Check(f"{law}: too large to be known; more rows decide", worst, LARGEST_ERROR, 0.0, "unknown",
                 relation="<=")  # fmt: skip


def symmetric(off: float, pairs: int, groups: int) -> Check:
    """J_ij from the regression of spin i is that of spin j: largest deviation in errors.

    False alarm 1e-4 by Student's law of groups - 1 degrees of freedom, shared among pairs.  It tells a model with other
    interactions than of pairs.  Resolution: 6 errors.
    """
    bound = float(student.isf(FALSE_ALARM / 2 / max(pairs, 1), groups - 1))
    return Check.at_most("couplings are equal seen from both spins, largest difference in errors", off, bound)


def moments_reproduced(
    s: Float[np.ndarray, "n N"], group: Int[np.ndarray, " n"], model: Float[np.ndarray, "chains draws N"], *, order: int
) -> Check:
    """<s_i> and <s_i s_j> (order 2), or <s_i s_j s_k> (3), of the inferred model and of the samples.

    p-value of the largest deviation, times their number; errors over groups of samples and over chains.  False alarm
    1e-4, below 0.01 `unknown`.  Resolution: 6 errors of a moment.
    """
    rng = np.random.default_rng(order)
    N, G = s.shape[1], int(group.max()) + 1
    pick = np.array([rng.choice(N, order, replace=False) for _ in range(MOST)]) if N > order else np.arange(N)[None]
    if order == 2:  # noqa: PLR2004
        i, j = np.triu_indices(N, 1)
        some = rng.choice(len(i), min(len(i), MOST), replace=False)
        pick = np.stack([i[some], j[some]], axis=1)
    pick = np.unique(np.sort(pick, axis=1), axis=0)
    moments = lambda x: np.prod([x[..., column] for column in pick.T], axis=0)  # noqa: E731
    t = moments(s)
    count = np.bincount(group, minlength=G)
    sums = np.stack([t[group == g].sum(axis=0) for g in range(G)])
    mean = sums.sum(axis=0) / len(s)
    of_rows = (G / (G - 1)) * np.square(sums - count[:, None] * mean).sum(axis=0) / len(s) ** 2
    ours = np.stack([moments(chain).mean(axis=0) for chain in model])
    spread = of_rows + ours.var(axis=0, ddof=1) / len(ours)
    z = float((np.abs(mean - ours.mean(axis=0)) / np.sqrt(np.maximum(spread, SPREAD))).max())
    p = min(1.0, 2 * len(pick) * float(student.sf(z, min(G, len(ours)) - 1)))
    words = {2: "products of pairs", 3: "products of three spins, which were not fitted,"}[order]
    law = f"{words} of the model are those of the samples, p-value of the largest deviation"
    if FALSE_ALARM <= p < DOUBT:
        return Check(f"{law} (doubtful below {DOUBT:g}: more samples decide)", p, FALSE_ALARM, 0.0, "unknown",
                     relation=">=")  # fmt: skip
    return Check.at_least(law, p, FALSE_ALARM)
