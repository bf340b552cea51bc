# SPDX-License-Identifier: Apache-2.0
"""What a block spin keeps: the mutual information of h(A) with the far spins E, exact on a 4 x 4 torus.

A is a block of 2 x 2 spins, E are the four spins that are no neighbors of it; the eight between them are summed over.
I(h; E) = Σ p(h, E) ln [p(h, E)/(p(h) p(E))] <= I(A; E).
Ref: Koch-Janusz and Ringel 2018, doi:10.1038/s41567-018-0081-4.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = [
    "STATES",
    "BestRule",
    "best_rule",
    "block_and_far_law",
    "decimation_rule",
    "information",
    "kept_information",
    "majority_rule",
]

STATES = np.array(list(product((1, -1), repeat=4)))  # of a block, its sites in the order of rows
"""The 16 states of a block of 2 x 2 spins."""
SIDE, BLOCK, FAR = 4, (0, 1), (2, 3)
Rule = Float[np.ndarray, " 16"]  # p(h = 1 given A) for each state of the block


class BestRule(NamedTuple):
    """The rule that keeps most, and what it keeps in nat."""

    rule: Rule
    information: float


def block_and_far_law(T: float) -> Float[np.ndarray, "16 16"]:
    """p(A, E) of the square Ising model at temperature T, by all 2^16 states."""
    spins = (1 - 2 * (np.arange(2**16)[:, None] >> np.arange(16) & 1)).reshape(-1, SIDE, SIDE)
    bonds = spins * (np.roll(spins, 1, axis=1) + np.roll(spins, 1, axis=2))
    log_weight = bonds.sum(axis=(1, 2)) / T
    weight = np.exp(log_weight - log_weight.max())
    law = np.zeros((16, 16))
    np.add.at(law, (state(spins, BLOCK), state(spins, FAR)), weight / weight.sum())
    return law


def state(spins: np.ndarray, sites: tuple[int, int]) -> np.ndarray:
    """The number of a 2 x 2 block's state, as in STATES."""
    block = spins[:, sites[0] : sites[1] + 1, sites[0] : sites[1] + 1].reshape(len(spins), 4)
    return ((1 - block) // 2) @ np.array([8, 4, 2, 1])


def kept_information(law: Float[np.ndarray, "16 16"], rule: Rule) -> float:
    """I(h; E) in nat, for h = 1 with the rule's probability."""
    return information(np.stack([rule @ law, (1 - rule) @ law]))


def information(law: Float[np.ndarray, "a b"]) -> float:
    """Mutual information of two variables in nat."""
    apart = law.sum(axis=1, keepdims=True) * law.sum(axis=0, keepdims=True)
    seen = law > 0
    return float(np.sum(law[seen] * np.log(law[seen] / apart[seen])))


def decimation_rule() -> Rule:
    """h is one spin of the block."""
    return (STATES[:, 0] > 0).astype(float)


def majority_rule() -> Rule:
    """h is the sign of the block's sum, a coin where it is 0."""
    return 0.5 + 0.5 * np.sign(STATES.sum(axis=1))


def best_rule(law: Float[np.ndarray, "16 16"]) -> BestRule:
    """The best of all 2^8 rules with h(-A) = -h(A); no rule that draws lots keeps more, as I is convex in the rule."""
    best = BestRule(majority_rule(), -1.0)
    for signs in product((0.0, 1.0), repeat=8):
        rule = np.array([*signs, *(1 - s for s in reversed(signs))])  # state 15 - i is the flip of state i
        kept = kept_information(law, rule)
        if kept > best.information:
            best = BestRule(rule, kept)
    return best
