# SPDX-License-Identifier: Apache-2.0
"""Is a posterior calibrated?  Parameters drawn from the prior, data simulated with them, posteriors of these data.

Then the rank of the true parameter among posterior samples is uniform.  Talts et al. 2018, arXiv:1804.06788.
"""

import numpy as np
from jaxtyping import Float
from scipy.stats import chi2, ks_2samp, kstest, norm
from scipy.stats import t as student

from isinglass.result import Check

__all__ = [
    "contraction",
    "disagreement",
    "drawn_from_prior",
    "expected_coverage",
    "in_simulated_range",
    "members_agree",
    "normal_residuals",
    "pit_values",
    "populations_agree",
    "ranks_uniform",
    "same_means",
    "tarp_fractions",
    "width_resolution",
    "within_earlier_rounds",
]

FALSE_ALARM, DOUBT = 1e-4, 0.01
FEWEST = 100  # pairs of parameters and data
MANY = 10  # entries, of which some are off their mean
APART = 0.2  # widths of the posterior, between networks
CUT = 0.05  # share of a posterior outside of 99 % of an earlier one
SURPRISE = 1e-3  # share of simulations that may be as far out as the observation


def pit_values(
    truth: Float[np.ndarray, "n d"], drawn: Float[np.ndarray, "n L d"], rng: np.random.Generator
) -> Float[np.ndarray, "n d"]:
    """(rank of the truth among L samples + v)/(L + 1), v uniform in (0, 1): uniform if the posterior is right."""
    below, equal = ((compare(drawn, truth[:, None])).sum(axis=1) for compare in (np.less, np.equal))
    return (below + rng.random(below.shape) * (1 + equal)) / (drawn.shape[1] + 1)


def uniform_p_value(pit: Float[np.ndarray, " n"]) -> float:
    """The smallest of three p-values, times three: the mean and the variance of z = Φ⁻¹(u), and the law of u.

    The mean sees a bias, the variance a width, Kolmogorov and Smirnov the rest.
    """
    z, n = norm.ppf(np.clip(pit, 1e-9, 1 - 1e-9)), len(pit)
    mean = 2 * norm.sf(abs(z.mean()) * n**0.5)
    total = float(np.sum(z * z))
    width = 2 * min(chi2.cdf(total, n), chi2.sf(total, n))
    return float(min(1.0, 3 * min(mean, width, kstest(pit, "uniform").pvalue)))


def judged(law: str, p: float, n: int, source: str) -> Check:
    """p at least 1e-4, `unknown` below 0.01 or where pairs are few."""
    if n < FEWEST or FALSE_ALARM <= p < DOUBT:
        why = f"{n} pairs of parameters and data: too few" if n < FEWEST else f"doubtful below {DOUBT:g}"
        return Check(f"{law} ({why}; more simulations decide)", p, FALSE_ALARM, 0.0, "unknown", source=source,
                     relation=">=")  # fmt: skip
    return Check.at_least(law, p, FALSE_ALARM, source=source)


def of_worst(law: str, each: list[float], names: tuple[str, ...], n: int, source: str) -> Check:
    """The smallest p-value of several parameters, times their number."""
    worst = int(np.argmin(each))
    law = f"{law}, p-value, worst of {len(each)} ({names[worst]})"
    return judged(law, min(1.0, each[worst] * len(each)), n, source)


def normal_residuals(p: float, n: int) -> Check:
    """Parameters are N(A x + b, C), whatever the data x: p-value of all that a nonlinear posterior might show.

    False alarm 1e-4; `unknown` below 0.01.
    """
    law = "residuals of linear regression are normal, whatever the data, p-value"
    return judged(law, p, n, "Bierens 1990, doi:10.2307/2938323")


def ranks_uniform(pit: Float[np.ndarray, "n d"], names: tuple[str, ...]) -> Check:
    """Simulation-based calibration: the ranks of every parameter are uniform.

    p-value of the worst parameter, times their number.  False alarm 1e-4; `unknown` below 0.01.  Resolution for 500
    pairs: a bias of a quarter of a width, a width that is wrong by a sixth.
    """
    each = [uniform_p_value(column) for column in pit.T]
    return of_worst("ranks of the true parameters are uniform", each, names, len(pit), "arXiv:1804.06788")


def width_resolution(n: int, d: int) -> float:
    """Factor by which a width must be off for the ranks of n pairs and d parameters to doubt it in half of all tries.

    Law: of posteriors that are too wide by it in one parameter half have p < 0.01, of those too narrow more.
    """
    level = DOUBT / d / 3 / 2  # of d parameters, three p-values each, and of two sides
    return float(max((chi2.isf(level, n) / n) ** 0.5, (n / chi2.ppf(level, n)) ** 0.5))


def tarp_fractions(
    truth: Float[np.ndarray, "n d"], drawn: Float[np.ndarray, "n L d"], rng: np.random.Generator
) -> Float[np.ndarray, " n"]:
    """Share of posterior samples nearer to a random place than the truth is: uniform if the posterior is right.

    Parameters should be of order one; the places are truths of other pairs.  Lemos et al. 2023, arXiv:2302.03026.
    """
    places = truth[rng.permutation(len(truth))] + 0.1 * truth.std(axis=0) * rng.normal(size=truth.shape)
    distance = np.linalg.norm((drawn - places[:, None]) / truth.std(axis=0), axis=2)
    own = np.linalg.norm((truth - places) / truth.std(axis=0), axis=1)
    below = (distance < own[:, None]).sum(axis=1)
    return (below + rng.random(len(truth))) / (drawn.shape[1] + 1)


def expected_coverage(fractions: Float[np.ndarray, " n"]) -> Check:
    """Regions around random places hold the truth as often as they claim, at every level.

    p-value of Kolmogorov and Smirnov.  False alarm 1e-4; `unknown` below 0.01.  Resolution: 2.5/√n in the coverage.
    """
    law = "regions around random places cover the truth as they claim, p-value"
    return judged(law, float(kstest(fractions, "uniform").pvalue), len(fractions), "arXiv:2302.03026")


def in_simulated_range(
    observed: Float[np.ndarray, " m"], simulated: Float[np.ndarray, "n m"], names: tuple[str, ...] = ()
) -> Check:
    """The observation is no stranger to the simulations, else the simulator is not its source.

    Share of simulations that are at least as far from their centre, by the largest entry and by the Mahalanobis
    distance, the smaller of the two, times two.  Below 1e-3 `fail`; `unknown` where 1e3 simulations do not resolve it,
    and where 10 entries or more are nearer to the mean than those of any, as data without noise are.
    """
    m, n = simulated.shape[1], len(simulated)
    scale = np.maximum(simulated.std(axis=0), 1e-9 * (1 + np.abs(simulated.mean(axis=0))))
    y, o = (simulated - simulated.mean(axis=0)) / scale, (observed - simulated.mean(axis=0)) / scale
    shares = [float((np.abs(y).max(axis=1) >= np.abs(o).max()).mean())]
    if 2 * m < n:
        inverse = np.linalg.pinv(np.cov(y, rowvar=False).reshape(m, m), hermitian=True)
        far = lambda a: np.einsum("...i,ij,...j->...", a, inverse, a)  # noqa: E731
        shares.append(float((far(y) >= far(o)).mean()))
        if m >= MANY and (near := float((far(y) <= far(o)).mean())) < SURPRISE:
            law = "share of simulations as near to their mean as the observation, which lacks their noise"
            return Check(law, near, SURPRISE, 0.0, "unknown", relation=">=")
    worst = int(np.argmax(np.abs(o)))
    where = names[worst] if names else f"entry {worst}"
    law = f"share of simulations as far out as the observation ({where}: {o[worst]:+.1f} deviations)"
    share = min(1.0, len(shares) * min(shares))
    if share >= SURPRISE:
        return Check.at_least(law, share, SURPRISE)
    return Check(f"{law}; the model may not be that of the data", share, SURPRISE, 0.0,
                 "fail" if n * SURPRISE >= 1 else "unknown", relation=">=")  # fmt: skip


def drawn_from_prior(theta: Float[np.ndarray, "n d"], prior: Float[np.ndarray, "k d"], names: tuple[str, ...]) -> Check:
    """The simulated parameters have the law of the prior, else the posterior is that of another prior.

    Two-sample p-value of Kolmogorov and Smirnov, of the worst parameter, times their number.  False alarm 1e-4;
    `unknown` below 0.01.  Resolution: 2.5 √(1/n + 1/k) in a distribution function; correlations are not seen.
    """
    each = [float(ks_2samp(a, b).pvalue) for a, b in zip(theta.T, prior.T, strict=True)]  # pyright: ignore
    return of_worst("simulated parameters are draws of the prior", each, names, len(theta), "")


def within_earlier_rounds(outside: float) -> Check:
    """Share of the posterior outside of the region that held 99 % of an earlier round's: of a right one at most 1 %.

    A round cuts the prior at 99.9 %: an earlier posterior that was too narrow or off has cut the last one.  Above 5 %
    `unknown`.  Resolution: a deviation too small by a fifth in one dimension.
    """
    law = "share of the posterior outside of 99 % of that of an earlier round"
    if outside <= CUT:
        return Check.at_most(law, outside, CUT)
    return Check(f"{law}; it may have been cut: use fewer rounds", outside, CUT, 0.0, "unknown", relation="<=")


def contraction(posterior: Float[np.ndarray, "L d"], prior: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " d"]:
    """1 - Var(θ given x)/Var(θ): 0 where the data say nothing, near 1 where they say much."""
    return 1 - posterior.var(axis=0, ddof=1) / prior.var(axis=0, ddof=1)


def disagreement(theta: Float[np.ndarray, "K n d"]) -> float:
    """Deviation of the means of K posteriors in their widths, of the worst parameter."""
    width = np.sqrt(theta.var(axis=1, ddof=1).mean(axis=0))
    return float((theta.mean(axis=1).std(axis=0, ddof=1) / np.maximum(width, 1e-300)).max())


def members_agree(apart: float, members: int, of: str = "") -> Check:
    """Networks that were trained apart have one posterior mean, to 0.2 widths; else `unknown`.

    Deterministic bound: the mean of K of them is then known to 0.2/√K widths, but for what all have in common.
    """
    law = f"means of {members} networks agree, deviation in widths"
    if apart <= APART:
        return Check.at_most(law, apart, APART, of=of)
    return Check(f"{law} (they do not: more simulations, or rounds, decide)", apart, APART, 0.0, "unknown", of=of,
                 relation="<=")  # fmt: skip


def populations_agree(u: Float[np.ndarray, "groups n d"]) -> Check:
    """Independent populations have one mean: √(1 + B/W) at most 1.05, B the variance of their means, W that within.

    Deterministic bound, as R-hat: the mean of all is then within 0.32/√groups deviations.  Resolution: a mode whose
    weight differs by a third among populations.
    """
    within = u.var(axis=1, ddof=1).mean(axis=0)
    worst = float(np.sqrt(1 + (u.mean(axis=1).var(axis=0, ddof=1) / np.maximum(within, 1e-300)).max()))
    return Check.at_most("independent populations agree, R-hat of their means; else use more samples", worst, 1.05)


def same_means(chains: Float[np.ndarray, "c d"], groups: Float[np.ndarray, "g d"]) -> Check:
    """Means of independent chains are those of independent populations, largest deviation in errors.

    False alarm 1e-4 by Student's law with the fewer degrees of freedom.  Resolution: a mode that either has lost.
    """
    error = np.sqrt(chains.var(axis=0, ddof=1) / len(chains) + groups.var(axis=0, ddof=1) / len(groups))
    z = float((np.abs(chains.mean(axis=0) - groups.mean(axis=0)) / np.maximum(error, 1e-300)).max())
    bound = float(student.isf(FALSE_ALARM / 2 / chains.shape[1], min(len(chains), len(groups)) - 1))
    return Check.at_most("chains agree with sequential Monte Carlo, largest deviation of a mean in errors", z, bound)
