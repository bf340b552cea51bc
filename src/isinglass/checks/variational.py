# SPDX-License-Identifier: Apache-2.0
"""Is an energy one that a quantum state can have?  Bounds that hold for every state."""

import math

from isinglass.result import Check, Estimate

__all__ = ["variational_principle", "variance_tells", "within_relative"]


def variational_principle(energy: Estimate, exact: float, source: str = "", *, of: str = "") -> Check:
    """<H> >= E_0 within 4 standard errors, or 1e-9 |E_0| where there is none.

    False alarm: below 6e-5.  Resolution: an energy 7 standard errors too low is detected with probability 0.999.
    """
    slack = max(4 * (energy.error or 0.0), 1e-9 * abs(exact))
    law = "<H> is at least the ground state's energy"
    return Check.at_least(law, energy.value, exact, tolerance=slack, error=energy.error, source=source, of=of)


def within_relative(energy: Estimate, exact: float, tolerance: float, source: str = "") -> Check:
    """(<H> - E_0) / |E_0| at most `tolerance`, its error beside it.

    The claim is the tolerance: false alarm 3e-5 for a state that is better by 4 errors.
    """
    scale = abs(exact)
    error = None if energy.error is None else energy.error / scale
    excess = (energy.value - exact) / scale
    if not math.isfinite(excess):
        return Check("relative error of the energy", None, None, tolerance, "unknown", relation="<=")
    return Check.at_most("relative error of the energy", excess, 0.0, tolerance=tolerance, error=error, source=source)


def variance_tells(energy: Estimate, variance: Estimate, exact: float) -> Check:
    """An eigenstate has no variance; a state without variance is *some* eigenstate, not always the lowest.

    (<H> - E_0) must not exceed 4 √Var H: it fails where the variance says "eigenstate" and the energy is another one's.
    False alarm below 6e-5 where the ground state has 1/17 of the weight or more (Cantelli).  Resolution: a level that
    lies 4 √Var H and 7 errors too high.
    """
    excess = energy.value - exact
    bound = 4 * math.sqrt(max(variance.value, 0.0)) + 4 * (energy.error or 0.0) + 1e-6 * abs(exact)
    law = "small variance means the ground state (<H> - E_0 within 4 √Var H)"
    return Check.at_most(law, excess, 0.0, tolerance=bound)
