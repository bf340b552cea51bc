# SPDX-License-Identifier: Apache-2.0
"""Are the standard errors σ that a committee gives those of its errors?  Held against labels that chose nothing.

z = ΔF/σ of components of forces.  Errors are from the spread over frames, whose atoms are not independent.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import rankdata, t

from isinglass.result import Check

__all__ = ["as_known", "covered", "deviations", "honest", "members_differ", "ordered", "over_frames",
           "quantiles", "reliable", "share_within"]  # fmt: skip

FIXED = 1e-3  # of root mean squares: a smaller force is fixed by symmetry, as is its error
EQUAL = 1e-5  # spread by error, below which members are one
WITHIN = {1: 0.1, 2: 0.05}  # of the share of components within so many standard errors
FACTOR = {"forces": 1.5, "energies": 2.0}  # of the size of z; energies are calibrated on few frames
OF_BIN = 2.0
BINS = 5
FEW = "too few frames to tell; more decide"
RANGE, FAR = 2.0, 10.0  # of the uncertainty that 99 % of held-out atoms have at most


def deviations(
    error: Float[np.ndarray, "atoms 3"], spread: Float[np.ndarray, " atoms"], frame: Int[np.ndarray, " atoms"]
) -> tuple[Float[np.ndarray, "free 3"], Float[np.ndarray, " free"], Int[np.ndarray, " free"]]:
    """z, σ and frames of atoms whose forces symmetry does not fix."""
    wide, off = np.sqrt(np.mean(spread**2)), np.sqrt(np.mean(error**2))
    free = (spread > FIXED * wide) | (np.abs(error).max(axis=1) > FIXED * off)
    sigma = np.maximum(spread, max(FIXED * wide, FIXED * EQUAL * off, 1e-30))
    return (error / sigma[:, None])[free], sigma[free], frame[free]


def share_within(members: int, sigmas: float) -> float:
    """P(|z| ≤ k) of Student's t with ν = 3(M - 1) degrees of freedom, scaled to variance 1.

    So is z where errors are normal and σ is the spread of M members, three components each.
    """
    nu = 3 * (members - 1)
    return float(2 * t.cdf(sigmas * math.sqrt(nu / (nu - 2)), nu) - 1)


def quantiles(members: int, shares: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """|z| below which each share of components is: the inverse of `share_within`."""
    nu = 3 * (members - 1)
    return np.asarray(t.ppf((1 + shares) / 2, nu)) / math.sqrt(nu / (nu - 2))


def over_frames(x: Float[np.ndarray, " atoms"], frame: Int[np.ndarray, " atoms"]) -> tuple[float, float | None]:
    """The mean over atoms, and its standard error by the spread over frames."""
    names, own = np.unique(frame, return_inverse=True)
    mean, F = float(np.mean(x)), len(names)
    off = np.bincount(own, x - mean, F)
    return mean, float(np.sqrt(np.sum(off**2) * F / (F - 1))) / len(x) if F > 1 else None


def known_well(check: Check, most: float) -> Check:
    """A pass whose standard error is above `most`, or cannot be had, is one by luck: `unknown`; as is `resolved`'s."""
    if (error := check.error) is not None:
        check = check.resolved()
        if check.verdict != "pass" or error <= most:
            return check
    return replace(check, law=f"{check.law} ({FEW})", verdict="unknown")


def covered(z: Float[np.ndarray, "atoms 3"], frame: Int[np.ndarray, " atoms"], members: int, sigmas: int) -> Check:
    """|ΔF| ≤ k σ for the share of components that Student's t gives: within 0.1 (k = 1), at most 0.05 less (k = 2).

    False alarm 6e-5 (4 standard errors beyond).  Resolution: σ wrong by a factor 1.4 either way, at 4 members.
    """
    share, error = over_frames(np.mean(np.abs(z) <= sigmas, axis=1), frame)
    expected, tolerance = share_within(members, sigmas), WITHIN[sigmas]
    law = f"share of force components whose error is within {sigmas} σ"
    source = f"Student's t, {3 * (members - 1)} degrees of freedom"
    how = {"error": error, "source": source, "of": f"forces_within_{sigmas}_sigma"}
    if sigmas > 1:
        return known_well(Check.at_least(law, share, expected, tolerance=tolerance, **how), tolerance)
    return known_well(Check.within(law, share, expected, tolerance, **how), tolerance)


def honest(z: Float[np.ndarray, "n *a"], frame: Int[np.ndarray, " n"], what: str = "forces") -> Check:
    """1/f ≤ √<z²> ≤ f: errors are as large as their standard errors, f = 1.5 of forces, 2 of energies.

    False alarm 6e-5.  Resolution: a factor f and 4 standard errors more.
    """
    square, error = over_frames(np.mean(z.reshape(len(z), -1) ** 2, axis=1), frame)
    law = f"errors of {what} over their σ, root mean square"
    return of_size(law, square, error, FACTOR[what])


def of_size(law: str, square: float, error: float | None, factor: float) -> Check:
    """√<z²> within a factor of 1, by <z²> and its standard error."""
    source = f"calibration, within a factor {factor:g}"
    if not square > 0:
        return Check(law, 0.0, 1.0, None, "unknown", source="no error at all")
    size, tolerance = math.sqrt(square), factor - 1 if square > 1 else 1 - 1 / factor
    doubt = None if error is None else error / (2 * size)
    return known_well(Check.within(law, size, 1.0, tolerance, error=doubt, source=source), factor - 1)


def ordered(
    z: Float[np.ndarray, "atoms 3"], sigma: Float[np.ndarray, " atoms"], frame: Int[np.ndarray, " atoms"]
) -> Check:
    """Spearman's correlation of σ and |ΔF| over atoms is positive: by more than 4 errors, else `unknown`.

    False alarm 3e-5: atoms whose σ says nothing.  The error is of frames left out one by one.
    """
    off = np.linalg.norm(z, axis=1) * sigma
    law, names = "rank correlation of σ and the error of forces, atom by atom", np.unique(frame)
    value = rank_correlation(sigma, off)
    if len(names) < 3:
        return Check(f"{law} ({FEW})", value, 0.0, None, "unknown", relation=">=")
    without = np.array([rank_correlation(sigma[frame != k], off[frame != k]) for k in names])
    error = float(np.sqrt((len(names) - 1) * np.var(without)))
    check = Check.at_least(law, value, 4 * error, error=error, source="4 standard errors above none")
    if check.verdict != "fail" or value < -4 * error:
        return check
    return replace(check, law=f"{law} (not told apart from none)", verdict="unknown")


def rank_correlation(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " n"]) -> float:
    """Of Spearman; 0 where one of them does not change."""
    a, b = rankdata(x) - (len(x) + 1) / 2, rankdata(y) - (len(y) + 1) / 2
    size = math.sqrt(float(np.sum(a * a) * np.sum(b * b)))
    return float(np.sum(a * b)) / size if size > 0 else 0.0


def reliable(
    z: Float[np.ndarray, "atoms 3"], sigma: Float[np.ndarray, " atoms"], frame: Int[np.ndarray, " atoms"]
) -> Check:
    """√<z²> of each fifth of the atoms, ordered by σ, is within a factor 2 of 1: the worst of five.

    False alarm 3e-4.  Resolution: noise of the labels, or a floor of errors, that members share.
    """
    worst = Check("", None, 1.0, None, "unknown", source=FEW)
    for k, part in enumerate(np.array_split(np.argsort(sigma, kind="stable"), BINS)):
        if not len(part):
            continue
        square, error = over_frames(np.mean(z[part] ** 2, axis=1), frame[part])
        check = of_size(f"errors of forces over their σ, the fifth {k + 1} of {BINS} of σ", square, error, OF_BIN)
        if worst.measured is None or distance(check) > distance(worst):
            worst = check
    return worst


def distance(check: Check) -> float:
    """How far from 1, a fail before all."""
    bad = {"fail": 2, "unknown": 1, "pass": 0}[check.verdict]
    return 1e3 * bad + abs(math.log(max(check.measured or 0.0, 1e-9)))


def members_differ(spread: Float[np.ndarray, " n"], error: Float[np.ndarray, "n *a"]) -> Check:
    """√<s²> of members by √<ΔF²> is at least 1e-5: copies of one know nothing of their error.  Deterministic."""
    wide, off = float(np.sqrt(np.mean(spread**2))), float(np.sqrt(np.mean(error**2)))
    ratio = wide / off if off > 0 else math.inf if wide > 0 else 0.0
    return Check.at_least(
        "spread of the members by the error of their mean", ratio, EQUAL, source="members that are one"
    )


def as_known(
    largest: Float[np.ndarray, " rows"], atom: Int[np.ndarray, " rows"], known: float, step: Int[np.ndarray, " rows"],
    names: Sequence[str],
) -> Check:  # fmt: skip
    """σ of each atom's force is at most twice what 99 % of held-out atoms have; else `unknown`, beyond 20 times `fail`.

    Of normal spreads with 3(M - 1) degrees of freedom one atom in a million has 1.6 (M = 2) or 1.4 (M = 4) times the
    value of 99 %: a longer trajectory of the same kind of neighborhoods does not reach twice.  Deterministic.
    """
    law, most = "uncertainty of forces, eV/Å, in the range of held-out frames", float(np.max(largest, initial=0.0))
    if not (len(largest) and known > 0):
        return Check(f"{law} (none was held against labels)", None, None, None, "unknown", relation="<=")
    bound, source = RANGE * known, f"twice what 99 % of held-out atoms have, {known:.3g}"
    if most <= bound:
        return Check(law, most, bound, 0.0, "pass", source=source, relation="<=")
    first, worst = int(np.argmax(largest > bound)), int(np.argmax(largest))
    said = (f"{law} (left at step {step[first]} by atom {atom[first]}, {names[first]}; {most / known:.3g} times the "
            f"held-out value at step {step[worst]}, atom {atom[worst]}, {names[worst]}: the potential does not know "
            "these atoms)")  # fmt: skip
    return Check(said, most, bound, 0.0, "fail" if most > FAR * bound else "unknown", source=source, relation="<=")
