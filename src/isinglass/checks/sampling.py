# SPDX-License-Identifier: Apache-2.0
"""Did the chains converge, move, stay finite, and obey what the Boltzmann distribution demands?

Laws: R-hat → 1 (arXiv:1903.08008); <E> is the exact one where it is known; identities by integration by parts.
"""

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import norm
from scipy.stats import t as student

from isinglass.result import Check
from isinglass.stats.pareto import LARGEST_K, pareto_k

__all__ = ["chains_move", "convergence_checks", "energy_checks", "finite_draws", "identity_check", "light_tails",
           "mean_over_temperatures"]  # fmt: skip

FALSE_ALARM = 1e-4  # for all temperatures of a run together
STUCK = 1e-3  # acceptance of continuous variables, below which chains stand still

SOURCE = "arXiv:1903.08008"
GROUP = 128  # chains at neighboring temperatures


def convergence_checks(
    names: Sequence[str],
    r_hat: Float[np.ndarray, "S T"],
    bound: Float[np.ndarray, "S T"],
    enough: Bool[np.ndarray, "S T"],
    rare: Bool[np.ndarray, "S T"],
    effective_samples: Float[np.ndarray, " T"],
    wanted: float | None,
) -> list[Check]:
    """R-hat of every quantity at most its bound by chance, and as many effective samples as were asked for.

    Unknown where chains are too short for the bound (`enough`) and none is above it; `rare` ones are not judged.
    False alarm 1e-4 for all quantities and temperatures together (the bound's).  Resolution: chains whose means
    scatter by √(F - 1) errors of one of them, F the quantile of Fisher's law: at most 0.46 standard deviations.
    """
    large = np.minimum(np.nan_to_num(r_hat, nan=np.inf), 1e6)
    excess = np.where(rare | ~enough, -np.inf, large**2 - bound**2)
    short = [name for name, rows in zip(names, ~enough & ~rare, strict=True) if rows.any()]
    checks = []
    if np.isfinite(excess).any():
        s, t = np.unravel_index(int(np.argmax(excess)), excess.shape)
        law = f"chains agree, R-hat of {names[int(s)]}"
        checks.append(Check.at_most(law, float(r_hat[s, t]), float(bound[s, t]), source=SOURCE, of="r_hat"))
    if short and not any(check.verdict == "fail" for check in checks):
        shown = ", ".join(short[:3]) + (" ..." if len(short) > 3 else "")
        law = f"chains agree (too short to judge R-hat of {shown}; sample longer, or use more chains)"
        checks = [Check(law, float(np.nanmax(r_hat, initial=1.0)), None, None, "unknown", None, SOURCE, "", "<=")]
    if wanted is not None:
        least = float(np.min(effective_samples))
        law = "effective samples at every temperature"
        checks.append(Check.at_least(law, least, wanted, source=SOURCE, of="effective_sample_size"))
    return checks


def finite_draws(names: Sequence[str], finite: Bool[np.ndarray, "S T"], *, configurations: bool = True) -> Check:
    """Every draw, its energy and its observables are numbers.  Deterministic."""
    bad = [name for name, rows in zip(names, finite, strict=True) if not rows.all()]
    bad += [] if configurations else ["the configurations"]
    law = "samples are finite"
    if bad:
        law += f": not {', '.join(bad[:4])}; use smaller steps or another method, and look at the energy there"
    return Check.at_most(law, float(len(bad)), 0.0)


def chains_move(
    frozen: Bool[np.ndarray, " T"], acceptance: Float[np.ndarray, " T"], *, continuous: bool, known: bool = False
) -> list[Check]:
    """No run stands still: nothing that is followed ever changes, or hardly any proposal of real variables is accepted.

    Real variables change at any temperature, so that it fails; spins may rest in a ground state, which is unknown
    unless the exact energy is `known` and decides.  Deterministic; resolution: an acceptance of 1e-3.
    """
    if continuous:
        worst = float(np.min(np.where(frozen, 0.0, np.where(np.isfinite(acceptance), acceptance, 1.0))))
        law = "chains move, least acceptance"
        if worst < STUCK:
            law += ": they stand still; use smaller steps, or energies in the precision that the scale of x needs"
        return [Check.at_least(law, worst, STUCK)]
    if not frozen.any() or known:
        return []
    law = "chains move: nothing changed at any measurement, so that no error is known; sample longer, or tempering"
    return [Check(law, None, None, None, "unknown")]


def energy_checks(
    energy: Float[np.ndarray, "T R D"],
    exact: Float[np.ndarray, " T"] | None,
    jump: Float[np.ndarray, " T"] | None = None,
) -> list[Check]:
    """Largest |mean - exact| / standard error over temperatures; chains are independent, so their means give the error.

    False alarm 1e-4 by Student's law of R - 1 degrees of freedom, shared among T temperatures.
    Resolution: an error of 6 std(E) sqrt(2 tau / R D).
    `jump` > 0 where the energy hardly ever changes, by at least so much: then n draws with <E> - E_0 = δ hold δ n/jump
    events, a Poisson number, and the standard error of their mean under the law is √(δ jump/n).
    """
    if exact is None or energy.shape[1] < 8:
        return []
    off = np.abs(energy.mean(axis=(1, 2)) - exact)
    rare = 0.0 if jump is None else off * jump / (energy.shape[1] * energy.shape[2])
    error = np.sqrt(energy.mean(axis=2).var(axis=1, ddof=1) / energy.shape[1] + rare)
    z = off / np.maximum(error, 1e-9 * np.abs(exact) + 1e-300)
    bound = float(student.isf(FALSE_ALARM / 2 / len(exact), energy.shape[1] - 1))
    law = "mean energy is exact, largest deviation in errors"
    return [Check.at_most(law, float(z.max()), bound, source="exact solution on the finite lattice")]


def mean_over_temperatures(
    values: Float[np.ndarray, " n"], mean: Float[np.ndarray, " n"], deviation: Float[np.ndarray, " n"],
    temperature: Float[np.ndarray, " n"], name: str,
) -> Check:  # fmt: skip
    """One value of an independent chain at each temperature: Σ (x - <x>)/(σ √n) over n neighboring temperatures.

    Exact <x> and σ.  False alarm 1e-4 by the normal law, shared among groups of 128.  Resolution: 0.65 σ in a group.
    """
    z = ((values - mean) / deviation)[np.argsort(temperature, kind="stable")]
    groups = np.array_split(z, max(1, len(z) // GROUP))
    worst = max(abs(float(g.sum())) / len(g) ** 0.5 for g in groups)
    law = f"{name} is exact, largest deviation in errors, of {len(groups)} groups of chains at neighboring temperatures"
    return Check.at_most(law, worst, float(norm.isf(FALSE_ALARM / 2 / len(groups))), source="exact ln Z")


def identity_check(values: Float[np.ndarray, "T R M"], law: str, expected: float, *, source: str = "") -> Check:
    """The mean of `values` is what an identity of the Boltzmann distribution demands, at the worst temperature.

    False alarm 1e-4 by Student's law of R - 1 degrees of freedom of independent chains, shared among temperatures;
    unknown for fewer than four chains.  Resolution: (bound + 3) standard errors.
    """
    T, R, _ = values.shape
    means = values.mean(axis=2)
    if R < 4 or not np.isfinite(values).all():
        return Check(f"{law} (needs four chains of finite numbers)", None, expected, None, "unknown")
    error = np.maximum(means.std(axis=1, ddof=1) / R**0.5, 1e-12 * max(1.0, float(np.abs(means).max())))
    off = np.abs(means.mean(axis=1) - expected)
    worst = int(np.argmax(off / error))
    bound = float(student.isf(FALSE_ALARM / 2 / T, R - 1)) * float(error[worst])
    return Check.within(law, float(means[worst].mean()), expected, bound, error=float(error[worst]), source=source)


def light_tails(columns: Mapping[str, Float[np.ndarray, "n _"]]) -> list[Check]:
    """Pareto-k <= 0.7 of |x - median|: means of heavier tails do not exist, or are not told by their standard errors.

    `columns`: name -> draws [n, entries].  `unknown` above; none for fewer than 100 draws.  False alarm: below 1 % for
    512 draws of exponential tails.  Misses: Cauchy's law in a tenth of tries at 512 draws, in one of forty at 4096, and
    laws whose mean exists and whose variance does not (k from 1/2 to 0.7).  Ref: Vehtari et al., arXiv:1507.02646.
    """
    tails = {}
    for name, x in columns.items():
        if len(x) >= 100 and np.isfinite(x).all():
            distance = np.log(np.abs(x - np.median(x, axis=0)) + 1e-300)
            tails[name] = float(np.max(jax.jit(jax.vmap(pareto_k, 1))(jnp.asarray(distance)), initial=-1.0))
    if not tails:
        return []
    name = max(tails, key=tails.__getitem__)
    law = "what is averaged has a mean (Pareto-k of its tails at most 0.7)"
    heavy = tails[name] > LARGEST_K
    if heavy:
        law += f": tails of {name} are heavy; quote medians and quantiles"
    k = max(tails[name], -1.0)
    return [Check(law, k, LARGEST_K, 0.0, "unknown" if heavy else "pass", source="arXiv:1507.02646", relation="<=")]
