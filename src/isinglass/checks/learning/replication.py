# SPDX-License-Identifier: Apache-2.0
"""Posterior predictive check: are data simulated at parameters of the posterior like the observation?

Gelman, Meng and Stern 1996, Statistica Sinica 6, 733; by the posterior of the same data a p-value below α has a
probability of at most 2α: Meng 1994, doi:10.1214/aos/1176325622.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.checks.posterior import DOUBT, SURPRISE
from isinglass.result import Check, Estimate

__all__ = ["Oddness", "like_replications", "oddness"]

NEIGHBORS = 5
LAW = "share of data simulated from the posterior that are as odd as the observation"


class Oddness(NamedTuple):
    """How odd the observation is among its replications, and by what."""

    share: Estimate
    by: str  # distance from the mean, or distance to the nearest ones


def oddness(observed: Float[np.ndarray, " m"], replicated: Float[np.ndarray, "n m"]) -> Oddness:
    """Rank of the observation among all n + 1, in the worse of two distances, by the rank of the worse one.

    From the mean, and to the fifth neighbor, which sees gaps between modes and bent laws; in units of the covariance
    where there are twice as many replications as entries, else of the deviations.  All n + 1 are treated alike: the
    share is uniform where the observation is one more replication (Mahalanobis' distance in units of all of them grows
    with that in units of the others).
    """
    from sklearn.neighbors import NearestNeighbors

    y = np.concatenate([replicated, observed[None]])
    n, m = replicated.shape
    y = (y - y.mean(axis=0)) / np.maximum(y.std(axis=0), 1e-9 * (1 + np.abs(y.mean(axis=0))))
    if 2 * m < n:
        values, axes = np.linalg.eigh(np.cov(y, rowvar=False).reshape(m, m))
        wide = values > 1e-10 * values.max()
        y = y @ axes[:, wide] / np.sqrt(values[wide])
    lonely = NearestNeighbors(n_neighbors=NEIGHBORS + 1).fit(y).kneighbors(y)[0][:, -1]
    shares = np.stack([as_large((y * y).sum(axis=1)), as_large(lonely)])
    odd = as_large(-shares.min(axis=0))[-1]
    by = ("from their mean", "from the nearest of them")[int(np.argmin(shares[:, -1]))]
    return Oddness(Estimate(float(odd), float((odd * (1 - odd) / n) ** 0.5)), by)


def as_large(a: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Share of all numbers that are at least as large, for each of them."""
    return (len(a) - np.searchsorted(np.sort(a), a, side="left")) / len(a)


def like_replications(found: Oddness, n: int, of: str = "") -> Check:
    """The observation is a typical replication, else the model is not that of the data, or the posterior is wrong.

    Below 1e-3 `fail`, below 0.01 `unknown`; also `unknown` where n replications do not resolve 1e-3.  False alarm at
    most 2e-3 (Meng 1994), that of `unknown` 0.02; for data of more entries than parameters far less.
    Resolution: data without like among 2000 replications.
    """
    share = found.share
    if share.value >= DOUBT:
        return Check.at_least(LAW, share.value, SURPRISE, error=share.error, of=of)
    verdict = "fail" if share.value < SURPRISE else "unknown"
    why = f" (far {found.by}; the model may not be that of the data, or the posterior is wrong"
    why += ")" if verdict == "fail" else f"; {n} replications do not decide)"
    return Check(LAW + why, share.value, SURPRISE, 0.0, verdict, share.error, of=of, relation=">=")
