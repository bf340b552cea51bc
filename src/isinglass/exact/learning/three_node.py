# SPDX-License-Identifier: Apache-2.0
"""Networks of three nodes, y = [w1·x + b1 > 0] and [w2·x + b2 > 0]: what they compute, and how hard they are to train.

A set {1 .. n} with subsets c_j is split by A, where no c_j lies in A or in its complement.  The examples: 0 and the
sums of the unit vectors of each c_j positive, the unit vectors negative.  Law: two planes fit them if and only if a
split exists; the elements cut off by the first plane are one.  So training is NP-complete.
Ref: Blum and Rivest 1992, doi:10.1016/S0893-6080(05)80010-3.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import linprog

__all__ = [
    "ThreeNodes",
    "corners",
    "fit_three_nodes",
    "set_splitting_examples",
    "splits",
    "three_node_functions",
    "threshold_functions",
]

MOST_INPUTS = 4  # of the functions that are enumerated
WEIGHT = 3  # integer weights up to it give all threshold functions of 4 inputs


class ThreeNodes(NamedTuple):
    """Two planes, positive where both are, and how many linear programs it took to find them."""

    planes: Float[np.ndarray, "2 coordinates"] | None  # w and b; none where no two planes fit
    programs: int

    def __call__(self, X: Float[np.ndarray, "k n"]) -> Bool[np.ndarray, " k"]:
        """The network's answer."""
        if self.planes is None:
            raise ValueError("expected a network that fits; there is none")
        return np.all(X @ self.planes[:, :-1].T + self.planes[:, -1] > 0, axis=1)


def corners(n: int) -> Int[np.ndarray, "states n"]:
    """All inputs of n bits."""
    return np.array(list(product((0, 1), repeat=n)))


def threshold_functions(n: int) -> Bool[np.ndarray, "functions states"]:
    """All functions [w·x + b > 0] of n <= 4 bits, one a row.  Law: 4, 14, 104, 1882 of them (OEIS A000609)."""
    if not 1 <= n <= MOST_INPUTS:
        raise ValueError(f"expected 1 to {MOST_INPUTS} inputs; got {n}")
    X = corners(n)
    weights = np.array(list(product(range(-WEIGHT, WEIGHT + 1), repeat=n)))
    cuts = np.arange(-n * WEIGHT - 0.5, n * WEIGHT + 1)
    return np.unique(((weights @ X.T)[:, None, :] > cuts[None, :, None]).reshape(-1, len(X)), axis=0)


def three_node_functions(n: int) -> Bool[np.ndarray, "functions states"]:
    """All functions of n <= 4 bits that a network of three nodes computes: the products of two threshold functions."""
    one = threshold_functions(n)
    codes = one @ (1 << np.arange(one.shape[1]))
    both = np.unique(codes[:, None] & codes[None, :])
    return (both[:, None] >> np.arange(one.shape[1]) & 1).astype(bool)


def set_splitting_examples(
    sets: Sequence[Sequence[int] | np.ndarray], n: int
) -> tuple[Float[np.ndarray, "k n"], Bool[np.ndarray, " k"]]:
    """Points of n bits and their labels."""
    units = np.eye(n)
    positive = np.stack([np.zeros(n), *(units[list(one)].sum(axis=0) for one in sets)])
    return np.concatenate([positive, units]), np.arange(len(positive) + n) < len(positive)


def splits(sets: Sequence[Sequence[int] | np.ndarray], n: int) -> Iterator[Bool[np.ndarray, " n"]]:
    """All splits, by trying the 2^(n-1) of them; element 0 is in A."""
    member = np.zeros((len(sets), n), bool)
    for row, one in zip(member, sets, strict=True):
        row[list(one)] = True
    for rest in product((False, True), repeat=n - 1):
        A = np.array([True, *rest])
        inside = (member & A).sum(axis=1)
        if ((inside > 0) & (inside < member.sum(axis=1))).all():
            yield A


def fit_three_nodes(X: Float[np.ndarray, "k n"], y: Bool[np.ndarray, " k"]) -> ThreeNodes:
    """Two planes with all positive points on both positive sides, and each negative one on a negative side.

    Every division of the negative points over the planes is tried: 2^(negatives - 1), two linear programs each at most.
    """
    positive, negative = X[y], X[~y]
    cut: dict[bytes, np.ndarray | None] = {}

    def plane(A: Bool[np.ndarray, " m"]) -> np.ndarray | None:
        if A.tobytes() not in cut:
            cut[A.tobytes()] = plane_that_cuts(positive, negative[A])
        return cut[A.tobytes()]

    for rest in product((True, False), repeat=max(len(negative) - 1, 0)):
        A = np.array([True, *rest])[: len(negative)]
        first = plane(A)
        second = None if first is None else plane(~A)
        if first is not None and second is not None:
            return ThreeNodes(np.stack([first, second]), len(cut))
    return ThreeNodes(None, len(cut))


def plane_that_cuts(positive: Float[np.ndarray, "p n"], cut: Float[np.ndarray, "q n"]) -> np.ndarray | None:
    """(w, b) with w·x + b >= 1 for the positive points and <= -1 for the others; None where there is none."""
    X = np.concatenate([positive, -cut])
    sign = np.repeat([1.0, -1.0], [len(positive), len(cut)])
    A = -np.column_stack([X, sign])
    found = linprog(np.zeros(A.shape[1]), A, -np.ones(len(A)), bounds=(None, None), method="highs")
    return found.x if found.status == 0 else None
