# SPDX-License-Identifier: Apache-2.0
"""Is a learned density that of the data?  Samples of it against rows that it was not trained on.

All distances are between rows of order one; rows must be independent.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import KDTree
from scipy.stats import ks_2samp

from isinglass.result import Check, Estimate

__all__ = [
    "better_than_gaussian",
    "held_out_covered",
    "laws_agree",
    "modes_covered",
    "neighbors_mixed",
    "no_copies",
    "rows_independent",
    "rows_suffice",
]

FALSE_ALARM, DOUBT = 1e-4, 0.01
MOST = 64  # entries, and directions, that are tested
ROWS = 2000  # of each side, for distances
NEAR, COPIES = 0.05, 0.10  # share of held-out rows so near to training rows; of samples, from which they are copies
COVERING = 5  # neighbors
LEAST, EACH = 200, 20  # held-out rows, and training rows for each entry of one
FlatRows = Float[np.ndarray, "_ N"]


def laws_agree(sampled: FlatRows, held: FlatRows, rng: np.random.Generator, *, joint: bool) -> Check:
    """Kolmogorov and Smirnov: the law of each entry, or (`joint`) of sums of entries in random directions.

    p-value of the worst of k, times k.  False alarm 1e-4; below 0.01 `unknown`.  Resolution: 2.5 √(1/n + 1/m) in a
    distribution function.
    """
    N = held.shape[1]
    law = "law of every entry is that of held-out rows, p-value of Kolmogorov-Smirnov"
    if joint:
        law = "law of sums in random directions is that of held-out rows, p-value of Kolmogorov-Smirnov"
        axes = rng.normal(size=(N, MOST))
        sampled, held = sampled @ axes, held @ axes
    elif N > MOST:
        some = rng.choice(N, MOST, replace=False)
        sampled, held = sampled[:, some], held[:, some]
    p = min(float(ks_2samp(a, b).pvalue) for a, b in zip(sampled.T, held.T, strict=True))  # pyright: ignore
    p = min(1.0, p * held.shape[1])
    if FALSE_ALARM <= p < DOUBT:
        return Check(f"{law} (doubtful below {DOUBT:g}: more steps, or rows, decide)", p, FALSE_ALARM, 0.0, "unknown",
                     relation=">=")  # fmt: skip
    return Check.at_least(law, p, FALSE_ALARM)


def neighbors_mixed(sampled: FlatRows, held: FlatRows, rng: np.random.Generator) -> Check:
    """The nearest neighbor of a row is from its own side no more often than by chance; any difference counts.

    z of the count under permutations of the labels, at most 4: false alarm 3e-5.  Ref: Schilling 1986,
    doi:10.1080/01621459.1986.10478337.
    """
    n = min(ROWS, len(sampled), len(held))
    both = np.concatenate([a[rng.permutation(len(a))[:n]] for a in (sampled, held)])
    both = both + 1e-9 * rng.normal(size=both.shape)
    nearest = KDTree(both).query(both, 2)[1][:, 1]  # pyright: ignore
    side = np.arange(2 * n) < n
    count = lambda side: float((side == side[nearest]).mean())  # noqa: E731
    chance = np.array([count(rng.permutation(side)) for _ in range(300)])
    law = "samples mix with held-out rows: nearest neighbors from the same side, in deviations from chance"
    return Check.at_most(law, (count(side) - chance.mean()) / max(chance.std(), 1e-12), 4.0,
                         source="doi:10.1080/01621459.1986.10478337")  # fmt: skip


def held_out_covered(sampled: FlatRows, held: FlatRows, rng: np.random.Generator) -> Check:
    """Share of held-out rows with a sample among their 5 nearest rows of both sides: modes that were lost have none.

    For n rows and m samples of one law 1 - Π_{i<5} (n - 1 - i)/(n + m - 1 - i), 0.97 for n = m, whatever the law is.
    z of the share under permutations of the labels, at least -4: false alarm 3e-5.  Resolution: a lost mode of a tenth
    for 500 rows.  Ref: Naeem et al. 2020, arXiv:2002.09797.
    """
    n = min(ROWS, len(sampled), len(held))
    both = np.concatenate([a[rng.permutation(len(a))[:n]] for a in (sampled, held)])
    both = both + 1e-9 * rng.normal(size=both.shape)
    near = KDTree(both).query(both, COVERING + 1)[1][:, 1:]  # pyright: ignore
    side = np.arange(2 * n) < n
    share = lambda side: float(side[near[~side]].any(axis=1).mean())  # noqa: E731
    chance = np.array([share(rng.permutation(side)) for _ in range(300)])
    law = f"held-out rows are covered: share with a sample among their {COVERING} neighbors, in deviations from chance"
    return Check.at_least(
        law, (share(side) - chance.mean()) / max(chance.std(), 1 / n), -4.0, source="arXiv:2002.09797"
    )


def modes_covered(counts: Int[np.ndarray, " K"], weight: Float[np.ndarray, " K"]) -> Check:
    """The least share of a known mode, over its weight, is at least a half: no mode is lost.

    Missed by less than 4 errors it is `unknown`: false alarm 3e-5.  Resolution: a lost mode of weight w for 64/w
    samples.
    """
    n, w = counts.sum(), np.asarray(weight, float) / np.sum(weight)
    shares = counts / (n * w)
    worst = int(shares.argmin())
    error = float(np.sqrt(0.5 * (1 - w[worst] / 2) / (n * w[worst])))  # at a share of a half
    law = f"least share of a mode over its weight, of {len(w)} modes"
    return Check.at_least(law, float(shares[worst]), 0.5, error=error).resolved()


def no_copies(sampled: FlatRows, held: FlatRows, trained: FlatRows) -> Check:
    """Share of samples nearer to a training row than 95 % of held-out rows are: 5 % by law, at most 10 %.

    More is memory, or a density that is too narrow.  Tolerance 4 errors: false alarm 3e-5.
    """
    tree = KDTree(trained)
    ours, theirs = (np.asarray(tree.query(rows[:ROWS])[0]) for rows in (sampled, held))
    share = float((ours < np.quantile(theirs, NEAR)).mean())
    error = (COPIES * (1 - COPIES) * (1 / len(ours) + 1 / len(theirs))) ** 0.5
    law = "samples are no copies of training rows: share nearer to one than 95 % of held-out rows"
    return Check.at_most(law, share, COPIES, tolerance=4 * error, error=error)


def better_than_gaussian(gain: Estimate, entries: int) -> Check:
    """ln q of held-out rows exceeds that of a Gaussian with their mean and covariance, but for 0.02 an entry.

    Tolerance 4 errors of the paired difference: false alarm 3e-5.
    """
    law = "log likelihood of held-out rows, above that of a Gaussian fit"
    tolerance = 0.02 * entries + 4 * (gain.error or 0.0)
    return Check.at_least(law, gain.value, 0.0, tolerance=tolerance, error=gain.error, of="log_likelihood_gain")


def rows_independent(z: FlatRows, repeated: float, *, known: bool) -> Check:
    """Neighboring rows are not alike, and hardly one is repeated: else tests count them too often.

    The largest correlation of neighbors over entries; by chance below 4.5/√n.  `unknown` where it is more, unless
    their chains are `known`.  Resolution: a correlation of 8/√n.
    """
    y = (z - z.mean(axis=0)) / np.maximum(z.std(axis=0), 1e-12)
    y = np.clip(y, -5, 5)
    alike = float(np.abs((y[1:] * y[:-1]).mean(axis=0)).max())
    bound = 4.5 / len(z) ** 0.5 + 0.05
    law = "rows are independent: correlation of neighboring rows"
    if repeated > 0.01:
        law = f"rows are independent: {repeated:.0%} are repeated, so that tests count them too often; leave these out"
        return Check(law, None, None, None, "unknown")
    if alike <= bound:
        return Check.at_most(law, alike, bound)
    law += " (alike, as in a chain: tests count them too often; thin the rows, or shuffle rows that are only sorted"
    law += ")" if known else "; say which chain each is from)"
    return Check(law, alike, bound, 0.0, "unknown", relation="<=")


def rows_suffice(held: int, trained: int, entries: int) -> Check:
    """Enough rows for the tests to tell something: 200 held out, 20 for each entry to train on."""
    law = f"rows suffice: {LEAST} held out, and {EACH} for each entry to train on; fraction of that"
    share = min(held / LEAST, trained / (EACH * entries))
    if share >= 1:
        return Check.at_least(law, share, 1.0)
    return Check(f"{law} (too few to tell: more data decide)", share, 1.0, 0.0, "unknown", relation=">=")
