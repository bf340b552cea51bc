# SPDX-License-Identifier: Apache-2.0
"""Is the state that a memory falls into one of its patterns, and the one that the cue tells?"""

from itertools import combinations

import numpy as np
from jaxtyping import Float, Int8
from scipy.stats import binom

from isinglass.result import Check

__all__ = ["at_rest", "downhill", "held", "meant", "not_mixed", "one_pattern", "orders_agree", "separated", "upright"]

NEAR = 0.9  # overlap of a retrieved pattern; 0.967 is the least of random ones in a large network
APART = 0.5  # three quarters of the bits in which another pattern differs are those of the retrieved one
ALARM = 0.01  # a random cue is taken for a pattern
MIXED = 8  # nearest patterns whose mixtures are looked at
SOURCE = "doi:10.1103/PhysRevLett.55.1530"


def told(law: str, measured: float, bound: float, relation: str, why: str, source: str = "") -> Check:  # noqa: PLR0913
    """Pass, or unknown with the reason."""
    holds = measured <= bound if relation == "<=" else measured >= bound
    law = law if holds else f"{law}; {why}"
    verdict = "pass" if holds else "unknown"
    return Check(law, float(measured), float(bound), 0.0, verdict, source=source, relation=relation)  # pyright: ignore


def downhill(change: float) -> Check:
    """E(end) - E(cue) <= 0.  Resolution: rounding."""
    return Check.at_most("energy of the retrieved state less that of the cue", change, 0.0, tolerance=1e-9)


def at_rest(rises: Float[np.ndarray, " N"]) -> Check:
    """No single flip lowers E."""
    return Check.at_least("least rise of the energy by a flip", float(rises.min()), 0.0, tolerance=1e-9)


def one_pattern(m: Float[np.ndarray, " P"]) -> Check:
    """max |m| >= 0.9."""
    why = "a spurious state: a mixture of patterns or one that is like none"
    return told("overlap with one pattern", float(np.abs(m).max()), NEAR, ">=", why)


def upright(m: Float[np.ndarray, " P"]) -> Check:
    """m > 0 of the pattern nearest in either sign."""
    k = int(np.abs(m).argmax())
    why = f"the negative of pattern {k} was retrieved"
    return told("sign of the overlap with the nearest pattern", float(np.sign(m[k])), 1.0, ">=", why)


def separated(m: Float[np.ndarray, " P"], patterns: Int8[np.ndarray, "P N"]) -> Check | None:
    """min_ν (m_k ∓ m_ν)/(1 ∓ c_kν) >= ½: mean of s ξ^k where pattern k and ±ξ^ν differ; 0 where they are equal.

    None for one pattern alone.
    """
    if len(m) == 1:
        return None
    k = int(np.abs(m).argmax())
    sign = np.where(m[k] < 0, -1.0, 1.0)
    c = patterns @ patterns[k].astype(float) / patterns.shape[1]
    others = np.arange(len(m)) != k
    both = np.stack([(sign * (m[k] - a * m), 1 - a * c) for a in (1.0, -1.0)])[:, :, others]
    apart = np.where(both[:, 1] > 0, both[:, 0] / np.where(both[:, 1] > 0, both[:, 1], 1.0), 0.0)
    worst = int(np.flatnonzero(others)[apart.min(axis=0).argmin()])
    why = f"pattern {worst} is about as near"
    return told("agreement with the pattern where another one differs", float(apart.min()), APART, ">=", why)


def not_mixed(s: Int8[np.ndarray, " N"], m: Float[np.ndarray, " P"], patterns: Int8[np.ndarray, "P N"]) -> Check | None:
    """Overlap with sign(±ξ^a ± ξ^b ± ξ^c) of the nearest patterns, below that with one; None for fewer than three."""
    nearest = np.argsort(-np.abs(m))[:MIXED]
    if len(nearest) < 3:  # noqa: PLR2004
        return None
    towards = patterns[nearest] * np.where(m[nearest] < 0, -1, 1)[:, None]
    triples = list(combinations(range(len(nearest)), 3))
    overlap = [float(np.mean(np.sign(towards[list(three)].sum(axis=0)) * s)) for three in triples]
    best = int(np.argmax(overlap))
    names = ", ".join(str(nearest[i]) for i in triples[best])
    margin = overlap[best] - float(np.abs(m).max())
    why = f"the mixture of patterns {names} is as near ({overlap[best]:.3f})"
    half = -1.0 / patterns.shape[1]  # a bit is 2/N
    return told("overlap with a mixture of three patterns less that with one", margin, half, "<=", why, SOURCE)


def meant(cue: Float[np.ndarray, " P"], k: int, neurons: int) -> list[Check]:
    """The cue is nearest to the retrieved pattern, and nearer than a random cue is to any of P random patterns.

    P-value of the largest of P binomial agreements, by the union bound; false alarm 1 %.
    """
    others = np.delete(np.abs(cue), k)
    rival = float(others.max()) if len(others) else -1.0
    nearest = told("overlap of the cue with the retrieved pattern less that with another one",
                   float(cue[k]) - rival, 0.5 / neurons, ">=", "the cue is as near to another pattern")  # fmt: skip
    agree = round(neurons * (1 + float(cue[k])) / 2)
    p = min(1.0, 2 * len(cue) * float(binom.sf(agree - 1, neurons, 0.5)))
    why = "the cue may be like this pattern by chance; more of it decides"
    return [nearest, told("p-value of the overlap of the cue for a random one", p, ALARM, "<=", why)]


def held(patterns: int, most: float) -> Check:
    """P is at most what theory allows for random patterns."""
    why = "above the capacity a state near a pattern need not be a memory"
    return told("patterns stored, and how many random ones can be", patterns, most, "<=", why, SOURCE)


def orders_agree(share: float, runs: int) -> Check:
    """All random orders of the visits end at the same pattern; of a single order nothing is known."""
    law = "share of the orders of visits that end at this pattern"
    if runs < 2:
        return Check(f"{law}; one order was tried, take more runs", None, 1.0, None, "unknown", relation=">=")
    return told(law, share, 1.0, ">=", "the cue does not decide where the descent ends")
