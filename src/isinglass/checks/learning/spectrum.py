# SPDX-License-Identifier: Apache-2.0
"""Is the rest of a spectrum that white noise, and is each spike resolved and shared by many rows and columns?"""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["bulk_is_white", "decided", "few_spikes", "light_tails", "shared", "strengths_apart"]

LARGEST_Z = 4.0  # false alarm 6e-5; sees columns correlated by ρ from neighbor to neighbor for ρ² > 4/n
DECIDED = (1e-6, 1e-2)  # probabilities of noise beyond the eigenvalue between which it is neither
HEAVIEST = 6.0  # excess kurtosis
LARGEST_SHARE = 0.5  # of a spike in one row or column
SOURCE = "Marchenko and Pastur, doi:10.1070/SM1967v001n04ABEH001994"
EDGE = "Johnstone 2001, doi:10.1214/aos/1009210544"
JOHN = "Ledoit and Wolf 2002, doi:10.1214/aos/1031689018"


def told(law: str, measured: float, bound: float, why: str, source: str, relation: str = "<=") -> Check:  # noqa: PLR0913
    """Pass, or unknown with the reason."""
    holds = measured <= bound if relation == "<=" else measured >= bound
    law, verdict = (law, "pass") if holds else (f"{law}; {why}", "unknown")
    return Check(law, float(measured), float(bound), 0.0, verdict, source=source, relation=relation)  # pyright: ignore


def bulk_is_white(z: float) -> Check:
    """|Σ λ²/σ⁴ - expected| in standard deviations: columns or rows that are correlated or unequal make it larger."""
    why = "noise of the columns or rows is correlated or unequal: the edge is not that of white noise, and what is "
    why += "beyond it need not be a spike"
    return told(
        "second moment of the bulk and that of white noise, in standard deviations", abs(z), LARGEST_Z, why, JOHN
    )


def decided(tail: Float[np.ndarray, " k"]) -> Check:
    """No eigenvalue so near the edge that noise reaches it with probability 1e-6 to 1e-2."""
    low, high = DECIDED
    between = int(((tail > low) & (tail < high)).sum())
    why = "so near the edge that more rows decide; the strength of a spike there is biased"
    return told("eigenvalues that noise reaches with probability 1e-6 to 1e-2", between, 0.0, why, EDGE)


def light_tails(excess: float) -> Check:
    """Entries with heavy tails put single eigenvalues beyond the edge."""
    why = "heavy tails: single entries make eigenvalues beyond the edge"
    return told("excess kurtosis of the entries", excess, HEAVIEST, why, SOURCE)


def few_spikes(number: int, rank: int) -> Check:
    """At most a tenth of the eigenvalues."""
    why = "so many are no perturbation of noise"
    return told("spikes by eigenvalues", number / rank, 0.1, why, SOURCE)


def strengths_apart(strength: Float[np.ndarray, " k"], error: Float[np.ndarray, " k"]) -> Check | None:
    """Neighboring spikes differ by 4 errors: else their vectors mix, and only their plane is found; None for fewer."""
    if len(strength) < 2:  # noqa: PLR2004
        return None
    gap = -np.diff(strength) / np.hypot(error[1:], error[:-1])
    k = int(gap.argmin()) + 1
    why = f"directions {k} and {k + 1} mix: the plane of both is found, not each"
    return told("least difference of neighboring strengths, in errors", float(gap.min()), 4.0, why, "", ">=")


def shared(direction: Float[np.ndarray, "k p"], weight: Float[np.ndarray, "k n"]) -> list[Check]:
    """No row and no column holds half of a spike: else it is an outlier or a noisy column."""
    checks = []
    for name, vectors, fix in (("row", weight, "leave it out"), ("column", direction, "standardize the columns")):
        if len(vectors):
            k, i = np.unravel_index((vectors**2).argmax(), vectors.shape)
            why = f"spike {k + 1} is {name} {i + 1}: {fix}"
            law = f"largest share of one {name} in a spike"
            checks.append(told(law, float(vectors[k, i] ** 2), LARGEST_SHARE, why, ""))
    return checks
