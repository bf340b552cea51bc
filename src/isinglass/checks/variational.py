# SPDX-License-Identifier: Apache-2.0
"""Is an energy that of the ground state, to the stated accuracy?  With the exact energy beside it, and without."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from isinglass.result import Check, Estimate, Verdict

__all__ = [
    "chains_agree",
    "proposals_accepted",
    "energy_scale",
    "lower_states",
    "optimization_ended",
    "runs_agree",
    "small_v_score",
    "variance_tells",
    "variational_principle",
    "within_relative",
    "zero_variance",
]

ERRORS = 4  # standard errors that a verdict keeps from its bound
LOOSE = 3.0  # accuracies that a run with fewer samples may be off
MIXED = 1.1  # R-hat of chains that have forgotten their start
SHORTEST = 16  # draws of a chain that is judged
FROZEN = 1e-3  # acceptance of chains that hardly move
V_SCORE = "arXiv:2302.04919"


def energy_scale(energy: float, infinite: float) -> float:
    """|E| or E_∞ - E, whichever is smaller: what relative errors are relative to, E_∞ = tr H / dim.

    A constant in H makes no error look small, neither does a large E_∞.  Where E = 0 it is E_∞ - E.
    """
    depth = abs(infinite - energy)
    return min(abs(energy), depth) if abs(energy) > 1e-9 * depth else depth


def variational_principle(
    energy: Estimate, exact: float, source: str = "", *, of: str = "", infinite: float = 0.0, what: str = "<H>"
) -> Check:
    """<H> >= E_0 within 4 standard errors, or 1e-9 of |E_0| and E_∞ - E_0, the round-off, where there is none.

    `unknown` from 4 to 8 errors below: near an eigenstate few states of large local energy make up for all others, and
    where they are missed the mean is too low by more than its error says.  False alarm: below 1e-9 for normal errors;
    resolution: 11 standard errors.
    """
    slack = max(4 * (energy.error or 0.0), 1e-9 * max(abs(exact), abs(infinite - exact)))
    law = f"{what} is at least the ground state's energy"
    found = Check.at_least(law, energy.value, exact, tolerance=slack, error=energy.error, source=source, of=of)
    return found.resolved()


def within_relative(
    energy: Estimate, exact: float, tolerance: float, source: str = "", *, scale: float | None = None
) -> Check:
    """(<H> - E_0) / `scale` at most `tolerance`, scale = |E_0| by default: `unknown` within 4 errors of it.

    False pass and false alarm: 3e-5 for a state at the tolerance.  Resolution: a state 8 errors off is told.
    """
    scale = scale or abs(exact) or 1.0
    error = math.nan if energy.error is None else energy.error / scale
    excess = (energy.value - exact) / scale
    return Check("relative error of the energy", none(excess), 0.0, tolerance, told(excess, error, tolerance),
                 none(error), source, relation="<=")  # fmt: skip


def told(measured: float, error: float, bound: float, *, above: Verdict = "fail") -> Verdict:
    """`pass` 4 errors below the bound, `above` 4 errors above it, `unknown` between and for what is not finite."""
    if measured + ERRORS * error <= bound:
        return "pass"
    return above if measured - ERRORS * error > bound else "unknown"


def none(x: float) -> float | None:
    """A finite number, or None."""
    return float(x) if math.isfinite(x) else None


def variance_tells(energy: Estimate, variance: Estimate, exact: float, allowed: float = 0.0) -> Check:
    """An eigenstate has no variance; a state without variance is *some* eigenstate, not always the lowest.

    (<H> - E_0) must not exceed 4 √Var H: it fails where the variance says "eigenstate" and the energy is another one's.
    `allowed`: an excess that is within the stated accuracy.
    False alarm below 6e-5 where the ground state has 1/17 of the weight or more (Cantelli).  Resolution: a level that
    lies 4 √Var H and 7 errors too high.
    """
    excess = energy.value - exact
    bound = max(4 * math.sqrt(max(variance.value, 0.0)), allowed) + 4 * (energy.error or 0.0) + 1e-6 * abs(exact)
    law = "small variance means the ground state (<H> - E_0 within 4 √Var H)"
    return Check.at_most(law, excess, 0.0, tolerance=bound)


def proposals_accepted(acceptance: float, variance: Estimate, scale: float) -> Check:
    """At least 1 in 1000 proposals is accepted, else the chains tell nothing: `unknown`.

    Chains of an eigenstate may rest: its local energy is the same everywhere, (Var H)^½ below 1e-6 of the energy.
    False alarm: none but for a state on very few configurations.  Resolution: chains that never move.
    """
    rests = math.sqrt(max(variance.value, 0.0)) < 1e-6 * scale
    verdict = "pass" if acceptance >= FROZEN or rests else "unknown"
    return Check("acceptance rate of the chains", none(acceptance), FROZEN, 0.0, verdict, relation=">=")


def zero_variance(energy: Estimate, exact: float, allowed: float, source: str = "", *, of: str = "") -> Check:
    """|E(V = 0) - E_0| at most `allowed`, the stated accuracy; `unknown` beyond, since an extrapolation bounds nothing.

    Its error knows chance and the bend of the line, not a level so near to the ground state that it has hardly any
    variance: the deviation tells.
    """
    law = "the energy at zero variance is the ground state's"
    found = Check.within(law, energy.value, exact, allowed, error=energy.error, source=source, of=of)
    return replace(found, verdict="unknown") if found.verdict == "fail" else found


def chains_agree(names: Sequence[str], r_hat: Float[np.ndarray, " S"], draws: int) -> Check:
    """Split R-hat of every quantity at most 1.1: half a chain is worth 1/(R̂² - 1) = 5 draws, so that a warm-up as long
    as the chains forgets where they began.  Errors, from the spread of the chains, need no more.

    `unknown` for chains of fewer than 16 draws.  False alarm: none for chains worth more.  Resolution: chains whose
    means scatter by 0.46 standard deviations.  Ref: arXiv:1903.08008.
    """
    law, source = "chains agree, largest split R-hat", "arXiv:1903.08008"
    if draws < SHORTEST:
        law = f"{law} (chains of {draws} samples are too short to tell; use fewer chains, or more samples)"
        return Check(law, None, MIXED, 0.0, "unknown", None, source, "", "<=")
    worst = int(np.argmax(r_hat))
    return Check.at_most(f"{law}, of {names[worst]}", min(float(r_hat[worst]), 1e6), MIXED, source=source)


def small_v_score(score: float, variance: Estimate, energy: float, infinite: float, accuracy: float) -> Check:
    """N Var H / (<H> - E_∞)² at most the stated accuracy, and <H> below E_∞; else `unknown`.

    The relative error of a state is about its V-score, less where what is left of other levels lies high (Wu et al.
    2024, arXiv:2302.04919).  False pass: an excited state without variance.  Resolution: V-scores 8 errors apart.
    """
    law = "V-score N Var / (<H> - E_∞)² shows the stated accuracy"
    relative = (variance.error or 0.0) / variance.value if variance.value else 0.0
    verdict = told(score, score * relative, accuracy, above="unknown") if energy < infinite else "fail"
    return Check(law, none(score), 0.0, accuracy, verdict, none(score * relative), V_SCORE, relation="<=")


def optimization_ended(history: Float[np.ndarray, " steps"], scale: float, accuracy: float) -> Check:
    """<H> fell by at most the stated accuracy from the third to the last quarter of the steps; else `unknown`.

    Errors from the scatter of the steps.  Fewer than 40 steps cannot tell.  Resolution: a fall of 8 errors.
    """
    law = "the optimization has ended: fall of <H> in its last quarter, relative"
    if len(history) < 40:
        return Check(law, None, 0.0, accuracy, "unknown", relation="<=")
    before, after = (np.asarray(part) / scale for part in np.array_split(np.asarray(history), 4)[2:])
    fall, error = before.mean() - after.mean(), math.hypot(*(p.std(ddof=1) / len(p) ** 0.5 for p in (before, after)))
    return Check(
        law, none(fall), 0.0, accuracy, told(fall, error, accuracy, above="unknown"), none(error), relation="<="
    )


def lower_states(
    energy: Estimate, other: Estimate, accuracy: float, scale: float, *, what: str, bound: bool = True
) -> Check:
    """(<H> - E_other) / scale at most the stated accuracy, for the energy of another state, which `what` names.

    Any state's energy is a bound: one below by more than the accuracy refutes.  `unknown` within 4 errors.
    Not a `bound`: an extrapolated energy, which refutes nothing and shows it within 2 of its errors.
    False alarm and false pass 3e-5.  Resolution: 8 errors.
    """
    fall = (energy.value - other.value) / scale
    error = math.hypot(energy.error or 0.0, other.error or 0.0) / scale
    law, doubt = f"<H> above {what}, relative", error if bound else error / 2
    return Check(law, none(fall), 0.0, accuracy, told(fall, doubt, accuracy, above="fail" if bound else "unknown"),
                 none(error), relation="<=")  # fmt: skip


def runs_agree(energy: Estimate, other: Estimate | None, accuracy: float, scale: float) -> Check:
    """A run from another seed, with fewer samples, ends at the same energy: |E - E'| / scale at most 3 accuracies.

    It fails where the other lies lower by more than the accuracy, and is `unknown` where it lies higher by more than
    this, or where there is none.  False alarm and false pass 3e-5 for runs at the bound.  Resolution: 8 errors.
    """
    law, bound = "an independent run ends at the same energy, relative", LOOSE * accuracy
    if other is None:
        return Check(law, None, 0.0, bound, "unknown", relation="<=")
    below = lower_states(energy, other, accuracy, scale, what="")
    apart, error = abs(energy.value - other.value) / scale, below.error or 0.0
    verdict = below.verdict if below.verdict != "pass" else told(apart, error, bound, above="unknown")
    return Check(law, none(apart), 0.0, bound, verdict, error, relation="<=")
