# SPDX-License-Identifier: Apache-2.0
"""Does a trajectory of atoms obey mechanics, and its bath the law of the temperature?

Series of one trajectory are correlated: errors are those of √(2τ/n), laws are tested on every k-th value, k > 4τ.
"""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.special import gammainc
from scipy.stats import linregress

from isinglass.result import Check
from isinglass.stats.autocorrelation import integrated_time, mean_and_error
from isinglass.stats.goodness_of_fit import kolmogorov_smirnov

__all__ = [
    "as_trained",
    "atoms_apart",
    "conserved",
    "coordinated",
    "kinetic_law",
    "mean_kinetic",
    "momentum_at_rest",
    "pressure_law",
    "unexploded",
]

DRIFT = 1.0  # meV an atom in 10 ps
FEWEST = 20  # independent values
FALSE_ALARM = 1e-4
LONELY = 0.75  # of the least coordination in the training


def correlation_time(x: Float[np.ndarray, " n"]) -> float:
    """τ in rows, at least ½."""
    return max(float(integrated_time(jnp.asarray(x, float)).tau), 0.5) if len(x) > 3 else math.inf


def conserved(energy: Float[np.ndarray, " rows"], time: Float[np.ndarray, " rows"], tolerance: float = DRIFT) -> Check:
    """|slope| of the conserved energy an atom, meV in 10 ps: energy + kinetic energy - heat.  At most 1.

    `energy` in meV an atom, `time` in ps.  The error is that of a line through residuals with their correlation;
    a slope above the bound by less than 4 of them is `unknown`.  False alarm 6e-5, resolution 7 errors.
    """
    law = "conserved energy, drift in meV an atom in 10 ps"
    if len(energy) < 4:
        return Check(f"{law} (too few rows)", None, 0.0, tolerance, "unknown", relation="<=")
    fit = linregress(time, energy)
    residual = np.asarray(energy - fit.intercept - fit.slope * time)  # pyright: ignore
    error = 10 * float(fit.stderr) * math.sqrt(2 * correlation_time(residual))  # pyright: ignore
    drift = 10 * abs(float(fit.slope))  # pyright: ignore
    if drift + 2 * error > tolerance and drift <= tolerance:
        return Check(
            f"{law} (not known well enough; run longer)", drift, 0.0, tolerance, "unknown", error, relation="<="
        )
    return Check.at_most(law, drift, 0.0, tolerance=tolerance, error=error, source="conservation").resolved()


def momentum_at_rest(momentum: Float[np.ndarray, " rows"], tolerance: float) -> Check:
    """Max |Σ m v| / Σ m |v|: a start at rest stays so to round-off.  Deterministic."""
    worst = float(np.max(momentum)) if len(momentum) else math.nan
    return Check.at_most(
        "total momentum over the sum of all", worst, 0.0, tolerance=tolerance, source="Newton's third law"
    )


def kinetic_law(kinetic: Float[np.ndarray, " rows"], freedom: int, kT: float) -> Check:
    """K ~ Gamma(N/2, k_B T): p-value of Kolmogorov and Smirnov on every k-th value, k > 4τ, which are independent.

    False alarm 1e-4.  Resolution at n values and N degrees of freedom: a temperature off by about 5 √(2/N) / √n, or a
    width off by a factor of 1 ± 3/√n, as that of a bath that scales velocities to one energy.
    """
    law = f"kinetic energies follow Gamma({freedom}/2, k_B T), p-value"
    tau = correlation_time(kinetic)
    k = max(1, math.ceil(4 * tau - 2)) if math.isfinite(tau) else len(kinetic) + 1
    some = kinetic[::k]
    if len(some) < FEWEST:
        fewer = f"{law} ({len(some)} independent values, {FEWEST} decide: run longer)"
        return Check(fewer, None, FALSE_ALARM, 0.0, "unknown", source="Boltzmann", relation=">=")
    p = float(kolmogorov_smirnov(jnp.asarray(gammainc(freedom / 2, some / kT))).p_value)
    return Check.at_least(law, p, FALSE_ALARM, source="Boltzmann")


def mean_kinetic(temperature: Float[np.ndarray, " rows"], expected: float, of: str = "temperature") -> Check:
    """<2K / N k_B> = T within 4 standard errors of at most 5 % of T.  False alarm 6e-5, resolution 7 errors."""
    return within_errors("mean kinetic temperature, K", temperature, expected, 0.05 * expected, "equipartition", of)


def pressure_law(
    pressure: Float[np.ndarray, " rows"], volume: Float[np.ndarray, " rows"], expected: float, kT: float
) -> Check:
    """<p V> = P <V> - k_B T of the pressure p of motion and forces: 4 standard errors of at most 0.2 GPa.

    `pressure` and k_B T / V in GPa: kT is in GPa Å³.  It sees a wrong virial and a wrong measure of volume alike.
    """
    inside = (pressure * volume + kT) / volume.mean()
    source = "∫ d(Vⁿ⁺¹ e^(-(E + PV)/k_B T)) = 0"
    return within_errors("mean pressure, GPa", inside, expected * 1.0, 0.2, source, "")


def within_errors(
    law: str, x: Float[np.ndarray, " rows"], expected: float, largest: float, source: str, of: str
) -> Check:
    """|mean - expected| ≤ 4 standard errors, `unknown` where these exceed `largest` or values are few."""
    if len(x) < 8 or len(x) / (2 * correlation_time(x)) < FEWEST:
        return Check(f"{law} (too few independent values: run longer)", None, expected, None, "unknown", source=source)
    mean, error = (float(v) for v in mean_and_error(jnp.asarray(x, float)))
    if not error <= largest:
        more = f"{law} (standard error {error:.1g} is too large to tell: at most {largest:.1g}; run longer)"
        return Check(more, mean, expected, None, "unknown", error, source, of)
    return Check.within(law, mean, expected, 4 * error, error=error, source=source, of=of)


def atoms_apart(shortest: Float[np.ndarray, " rows"], start: float, share: float = 0.5) -> Check:
    """No distance below half of the shortest at the start: nearer, no potential was ever asked.  Deterministic."""
    law, least = "shortest distance between atoms, Å", share * start
    if not (len(shortest) and math.isfinite(start)):
        return Check(f"{law} (no step, or no neighbors at the start)", None, None, None, "unknown", relation=">=")
    return Check.at_least(law, float(np.min(shortest)), least, source="half of that at the start")


def as_trained(shortest: Float[np.ndarray, " rows"], nearest: float) -> Check:
    """No distance below the shortest that a learned potential was trained on, else `unknown`.  Deterministic.

    Necessary, not enough: what else is new of a neighborhood is not seen.
    """
    law = "shortest distance, Å, is among those that the potential was trained on"
    measured = float(np.min(shortest)) if len(shortest) else None
    if not math.isfinite(nearest):
        return Check(f"{law} (its file does not tell)", measured, None, None, "unknown", relation=">=")
    verdict = "pass" if measured is not None and measured >= nearest else "unknown"
    return Check(law, measured, nearest, 0.0, verdict, source="frames of the training", relation=">=")


def coordinated(found: float, least: float | None) -> Check:
    """Σ_j (1 - r²/R²)² of every atom is at least 0.75 of the least in the training, else `unknown`.  Deterministic.

    A potential of bulk knows no dimer, no gas, no chain: there its networks agree on what none has seen.
    """
    law = "coordination of atoms is among those that the potential was trained on"
    if least is None:
        return Check(f"{law} (its file does not tell)", found, None, None, "unknown", relation=">=")
    bound = LONELY * least
    verdict = "pass" if found >= bound else "unknown"
    return Check(law, found, bound, 0.0, verdict, source=f"frames of the training, {least:.3g} or more", relation=">=")


def unexploded(steps: int, wanted: int, status: str) -> Check:
    """All steps were done: none gave NaN, or moved an atom by more than half an Å."""
    law = "steps done" if status == "done" else f"steps done ({status})"
    return Check.at_least(law, float(steps), float(wanted))
