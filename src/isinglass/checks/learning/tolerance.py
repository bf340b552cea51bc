# SPDX-License-Identifier: Apache-2.0
"""Is the tolerance ε of an approximate posterior small enough?  Then its half gives the same posterior.

Law: the error of a mean falls as ε², so that halving ε removes three quarters of it: Barber, Voss and Webster 2015,
arXiv:1311.2038.  A posterior whose structure is much finer than ε, and symmetric, is seen by its entropy alone.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["Halved", "enough_accepted", "entropy_fall", "mean_shift", "small_enough"]

FEWEST = 100  # accepted simulations
WITHIN = 20  # of them within ε/2
LARGEST = 0.2  # widths, and nat for each parameter
NEIGHBOR = 3
SOURCE = "arXiv:1311.2038"


class Halved(NamedTuple):
    """How much the posterior changes when ε is halved."""

    value: float
    error: float


def mean_shift(u: Float[np.ndarray, "k d"], inner: Float[np.ndarray, "q d"]) -> Halved:
    """The largest |mean of the inner ones - mean of all| in widths of all; its error, as they are some of all."""
    width = np.maximum(u.std(axis=0, ddof=1), 1e-300)
    shift = np.abs(inner.mean(axis=0) - u.mean(axis=0)) / width
    return Halved(float(shift.max()), max(0.0, 1 / len(inner) - 1 / len(u)) ** 0.5)


def entropy_fall(u: Float[np.ndarray, "k d"], inner: Float[np.ndarray, "q d"], rng: np.random.Generator) -> Halved:
    """ln of the distance to the third neighbor, mean over as many of all as there are inner ones, minus that of these.

    The entropy of all minus that of the inner ones, for each parameter: 0.2 where all are wider by a fifth, on whatever
    scale.  Kozachenko and Leonenko 1987, Probl. Inf. Transm. 23, 95.
    """
    unit = np.maximum(u.std(axis=0, ddof=1), 1e-300)
    a, b = (np.unique(part / unit, axis=0) for part in (u, inner))
    n = min(len(a), len(b))
    each = [log_spacing(part[rng.permutation(len(part))[:n]]) for part in (a, b)]
    error = sum(y.var(ddof=1) / n for y in each) ** 0.5
    return Halved(float(each[0].mean() - each[1].mean()), float(error))


def log_spacing(y: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """ln of the distance of each to its third neighbor."""
    from sklearn.neighbors import NearestNeighbors

    return np.log(NearestNeighbors(n_neighbors=NEIGHBOR + 1).fit(y).kneighbors(y)[0][:, -1] + 1e-300)


def small_enough(
    u: Float[np.ndarray, "k d"], inner: Float[np.ndarray, "q d"], epsilon: float, rng: np.random.Generator
) -> list[Check]:
    """Accepted parameters and those within ε/2: means agree to 0.2 widths, entropies to 0.2 nat for each parameter.

    `pass`: so by two errors; `fail`: missed by four; else `unknown`.  False alarm below 1e-4, false pass of a posterior
    that moves by 0.2: 2 %.  Resolution: 500 within ε/2 decide on a shift below 0.1 or above 0.4.
    """
    if epsilon == 0:
        return [Check.at_most("distance of accepted data from the observation: they are equal to it", 0.0, 0.0)]
    if len(inner) < WITHIN or len(np.unique(inner, axis=0)) <= NEIGHBOR:
        law = f"accepted simulations within half of ε = {epsilon:.3g}, number (too few to tell whether ε is small "
        law += "enough; more simulations decide)"
        return [Check(law, float(len(inner)), float(WITHIN), 0.0, "unknown", relation=">=", source=SOURCE)]
    about = f"when ε = {epsilon:.3g} is halved"
    return [
        bounded(f"means of the posterior stay {about}, largest shift in widths", mean_shift(u, inner)),
        bounded(f"the posterior is as wide {about}, fall of its entropy for each parameter, nat",
                entropy_fall(u, inner, rng)),
    ]  # fmt: skip


def bounded(law: str, moved: Halved) -> Check:
    """At most 0.2 by two errors; refuted where it is above by four."""
    verdict = "unknown"
    if moved.value + 2 * moved.error <= LARGEST:
        verdict = "pass"
    elif moved.value > LARGEST + 4 * moved.error:
        verdict = "fail"
    if verdict != "pass":
        law += "; ε is too large" if verdict == "fail" else f" (to ± {2 * moved.error:.2g}; more simulations decide)"
    return Check(law, moved.value, LARGEST, 0.0, verdict, moved.error, relation="<=", source=SOURCE)


def enough_accepted(number: float, of: str) -> Check:
    """100 accepted simulations, or as many by their weights: means are then known to a tenth of a width."""
    law = "accepted simulations, number"
    if number >= FEWEST:
        return Check.at_least(law, number, FEWEST, of=of)
    return Check(f"{law} (too few: simulate more)", number, FEWEST, 0.0, "unknown", of=of, relation=">=")
