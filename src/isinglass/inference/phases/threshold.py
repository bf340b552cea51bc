# SPDX-License-Identifier: Apache-2.0
"""Two phases told apart by a threshold on one number of each configuration: what a network must not fall below."""

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["best_threshold", "threshold_hits"]


def best_threshold(y: Float[np.ndarray, " n"], first: Bool[np.ndarray, " n"]) -> tuple[float, bool, float]:
    """The best threshold of y between the rows of `first` and the others; whether they lie above it; its accuracy."""
    order = np.argsort(y, kind="stable")
    below = np.concatenate([[0], np.cumsum(first[order])])  # of `first` among the k smallest
    k = np.arange(len(y) + 1)
    right = below + (~first).sum() - (k - below)
    allowed = np.concatenate([[True], np.diff(y[order]) > 0, [True]])  # no cut between equal values
    low, high = (np.where(allowed, hits, -1) for hits in (right, len(y) - right))
    above = bool(high.max() > low.max())
    cut = int((high if above else low).argmax())
    ends = y[order][np.clip([cut - 1, cut], 0, len(y) - 1)]
    at = -np.inf if cut == 0 else np.inf if cut == len(y) else float(ends.mean())
    return at, above, float(max(high.max(), low.max()) / len(y))


def threshold_hits(
    features: Float[np.ndarray, "n f"], first: Bool[np.ndarray, " n"], test: Bool[np.ndarray, " n"]
) -> Bool[np.ndarray, " m"]:
    """Which rows of the test the best threshold of the best feature gets right; both are chosen on the other rows."""
    found = [best_threshold(column[~test], first[~test]) for column in features.T]
    best = int(np.argmax([accuracy for _, _, accuracy in found]))
    at, above, _ = found[best]
    return ((features[test, best] > at) == above) == first[test]
