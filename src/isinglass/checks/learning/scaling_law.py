# SPDX-License-Identifier: Apache-2.0
"""Is a scaling law of training runs determined, does it hold, and does it extrapolate?

What the table cannot decide is `unknown`, with the reason.  p-values: `fail` below 1e-4, `unknown` below 0.01 or for
fewer than 30 runs, as in `checks/learning/regression.py`.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy.polynomial.legendre import legval
from scipy.stats import f as f_law
from scipy.stats import rankdata

from isinglass.checks.learning.regression import FALSE_ALARM, FEWEST, worst
from isinglass.result import Check

__all__ = [
    "compute_as_counted",
    "errors_resampled",
    "exponent_determined",
    "extrapolates",
    "floor_determined",
    "floor_predicts",
    "not_far_beyond",
    "residuals_unlike",
    "runs_enough",
    "sizes_vary_alone",
    "starts_agree",
    "stays_without_far_runs",
    "trends",
]

FREEDOM = 10  # runs beyond the coefficients
FACTOR = 2.0  # largest by smallest of a 95 % interval of an exponent
FLOOR = 0.5  # width of the 95 % interval of E, by the smallest loss
ALIKE = 0.99  # correlation of ln N and ln D
COUNTED = 0.25  # |ln C/(6 N D)|
GROUPS = 10
MOSTLY = 0.75  # correlation
SYSTEMATIC = 0.4  # of the variance of residuals
DEGREE = 5
AGREE = 0.1  # errors
MOVED = 0.5  # errors
SIGMAS = 4.0
PRECISE = 0.05  # of ln L, from which an extrapolation says something
WORSE = 1.2
BEYOND = 100.0  # times the largest compute
SEEN = 0.99  # of the replicas


def undecided(check: Check, advice: str) -> Check:
    """A bound that is missed refutes nothing: `unknown`, and the law says what would decide."""
    return check if check.verdict == "pass" else replace(check, law=f"{check.law} ({advice})", verdict="unknown")


def runs_enough(n: int, coefficients: int) -> Check:
    """Runs beyond the coefficients: with few of them the bootstrap knows little of the errors."""
    law = f"runs beyond the {coefficients} coefficients of the law"
    return undecided(Check.at_least(law, n - coefficients, FREEDOM), "too few: train more")


def starts_agree(spread: float, reached: int, starts: int) -> Check:
    """Starts whose loss is within 0.1 % of the smallest, a third of all or more, have one exponent: one minimum."""
    law = f"exponents of the {reached} of {starts} starts that reach the smallest loss, largest difference in errors"
    check = Check.at_most(law, spread, AGREE)
    check = check if 3 * reached >= starts else replace(check, verdict="unknown")
    return undecided(check, "several laws fit alike: runs over a wider range decide")


def exponent_determined(name: str, low: float, high: float, inside: float) -> Check:
    """The 95 % interval of an exponent is narrower than a factor 2, and nearly all replicas have one.

    inside: share of replicas between 0.01 and 5, beyond which no power law is seen.
    """
    law = f"the exponent of {name} is determined: 95 % interval, largest by smallest"
    if inside < SEEN:
        law += f", of the {inside:.0%} of the replicas that have one"
        return replace(undecided(Check.at_most(law, high / low, FACTOR), "runs over a wider range decide"),
                       verdict="unknown")  # fmt: skip
    return undecided(Check.at_most(law, high / low, FACTOR), "runs over a wider range decide")


def floor_determined(low: float, high: float, smallest: float) -> Check:
    """The 95 % interval of E, by the smallest loss.

    Where all losses are far above E, it and the exponents make up for each other.
    """
    law = "the irreducible loss is determined: width of its 95 % interval by the smallest loss"
    return undecided(Check.at_most(law, (high - low) / smallest, FLOOR), "runs nearer to it decide")


def sizes_vary_alone(correlation: float) -> Check:
    """ln N and ln D are not one line: along N ∝ D^c nobody can tell what N and what D does."""
    law = "parameters and tokens vary independently: |correlation of ln N and ln D|"
    return undecided(Check.at_most(law, abs(correlation), ALIKE), "vary one of them at a fixed other")


def compute_as_counted(ratio: Float[np.ndarray, " n"], flop: float) -> Check:
    """C = 6 N D holds for 95 % of the runs to 0.25 in ln C, else the split is not that of the compute in the table."""
    off = float(np.quantile(np.abs(np.log(ratio)), 0.95))
    law = f"compute of the table is {flop:g} N D (median ratio {np.median(ratio):.3g}): |ln ratio| of 95 % of the runs"
    return Check.at_most(law, off, COUNTED, source="arXiv:2001.08361")


def errors_resampled(groups: int) -> Check:
    """Independent units of the bootstrap: runs, or groups of similar runs."""
    return undecided(Check.at_least("groups of runs that are resampled", groups, GROUPS), "too few for errors")


def residuals_unlike(correlation: float, p: float, n: int, *, grouped: bool) -> Check:
    """Residuals of the runs that are nearest to one another in ln N and ln D, rank correlation.

    Where single runs are resampled they are independent, else the errors are too small.  Groups of similar runs allow
    for likeness; but where it is above 3/4 a smooth function of the sizes is left, larger than the noise: the law lacks
    a term.  False alarm below 1e-4.
    """
    if not grouped or not np.isfinite(p):
        return worst("residuals of similar runs are independent", {"": p}, n, "Spearman")
    law = "residuals of similar runs are more noise than law, rank correlation"
    check = Check.at_most(law, correlation, MOSTLY)
    return check if p < FALSE_ALARM else undecided(check, f"p = {p:.1e}: more runs decide")


def stays_without_far_runs(moved: float, far: int) -> Check:
    """The exponents without runs that are 6 scatters off, in errors."""
    law = f"largest change of an exponent without the {far} runs far from the law, in errors"
    return undecided(Check.at_most(law, moved, MOVED), "few runs decide: look at them, and leave out what went wrong")


def shapes(sizes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Legendre polynomials of degree 1 to 5 in the ranks of each size, on [-1, 1]."""
    made = {}
    for name, a in sizes.items():
        if np.ptp(np.log(a)) > 0:
            u = 2 * (rankdata(a) - 0.5) / len(a) - 1
            made |= {f"degree {d} in {name}": legval(u, np.eye(DEGREE + 1)[d]) for d in range(1, DEGREE + 1)}
    return {name: shape - shape.mean() for name, shape in made.items()}


def trends(residual: Float[np.ndarray, " n"], sizes: dict[str, np.ndarray]) -> Check:
    """Trends explain at most 40 % of the residuals: R² of their ranks on the shapes of each size.

    R² is without the share that chance explains.  Beyond it is `fail` where the F test has p < 1e-4, the rate of false
    alarms.  Groups of similar runs allow for what is below: with 64 % of the variance smooth in N and D, errors covered
    the truth in 57 to 68 % of 40 tables, twice the errors in 92 %.  Resolution for 100 runs: trends as large as noise.
    """
    made, n = shapes(sizes), len(residual)
    law = "share of the residuals that trends in the sizes explain"
    if not np.isfinite(residual).all():
        return Check(f"{law} (no noise to judge it by)", None, SYSTEMATIC, 0.0, "unknown", relation="<=")
    y = rankdata(residual) - (n + 1) / 2
    U, d, _ = np.linalg.svd(np.stack(list(made.values()), axis=1), full_matrices=False)
    U = U[:, d > 1e-6 * d[0]]
    k, free = U.shape[1], n - 1 - U.shape[1]
    share = float(np.sum((U.T @ y) ** 2) / (y @ y))
    p = float(f_law.sf(share / k / ((1 - share) / free), k, free)) if free > 0 else 1.0
    most = max(made, key=lambda name: abs(made[name] @ y) / np.linalg.norm(made[name]))
    check = Check.at_most(f"{law}, most of all {most}", 1 - (1 - share) * (n - 1) / max(1, free), SYSTEMATIC)
    if n < FEWEST or (check.verdict == "fail" and p >= FALSE_ALARM):
        return undecided(replace(check, verdict="unknown"), f"p = {p:.1e} for {n} runs: more decide")
    return check


def extrapolates(off: float, error: float, held: int) -> Check:
    """The law of the smaller runs predicts the largest tenth: the mean of ln L - ln L(x) is 0 within 4 errors."""
    law = f"the law of the smaller runs predicts the {held} largest: mean of ln (loss / predicted)"
    check = Check.within(law, off, 0.0, SIGMAS * error, error=error, of="extrapolation_offset")
    if error > PRECISE:
        return replace(check, law=f"{law} (to {error:.0%} only: runs over a wider range decide)", verdict="unknown")
    return check


def floor_predicts(law_error: float, others: dict[str, float]) -> Check:
    """Root mean square of ln (loss / predicted) of the largest runs, by that of simpler laws of the same runs."""
    best = min(others, key=lambda name: others[name])
    law = f"error of that prediction by that of the best simpler law ({best})"
    ratio = law_error / others[best] if others[best] > 0 else np.nan
    return undecided(Check.at_most(law, ratio, WORSE), "the simpler law predicts better")


def not_far_beyond(asked: float, largest: float) -> Check:
    """The compute asked for, by the largest of the table."""
    law = "largest compute asked for by the largest of the runs"
    return undecided(Check.at_most(law, asked / largest, BEYOND), "nothing tells that the law goes on so far; units?")
