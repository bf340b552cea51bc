# SPDX-License-Identifier: Apache-2.0
"""How much of the Fisher information of the data does a summary keep?  From simulations, against the exact one."""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check, Estimate

__all__ = ["information_kept", "no_more_than_all", "width_kept"]

WIDER, NARROWER = 1.1, 0.03


def information_kept(
    below: Float[np.ndarray, " n"], at: Float[np.ndarray, " k"], above: Float[np.ndarray, " m"], step: float,
    information: float,
) -> Estimate:  # fmt: skip
    """(d<s>/dθ)² / (Var(s) I): what one number s(x) of the data tells of θ, by all that they tell.

    Simulations at θ - step, θ and θ + step, independent.  Law: at most 1 (Cramér and Rao), 1 for a sufficient s, for
    step → 0; s may be in any units.  The derivative is off by d³<s>/dθ³ step²/6.
    """
    slope = (above.mean() - below.mean()) / (2 * step)
    of_slope = (above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)) / (2 * step) ** 2
    variance, off2 = at.var(ddof=1), (at - at.mean()) ** 2
    of_variance = off2.var(ddof=1) / len(at)
    value = slope**2 / (variance * information)
    return Estimate(float(value), float(value * np.sqrt(4 * of_slope / slope**2 + of_variance / variance**2)))


def no_more_than_all(kept: Estimate, of: str, name: str, bias: float = 0.0) -> Check:
    """No summary tells more than the data, I_s <= I, beyond 4 errors and the bias of the finite step."""
    law = f"share of the Fisher information in {name}, not above 1"
    return Check.at_most(law, kept.value, 1.0, tolerance=bias + 4 * (kept.error or 0.0), error=kept.error,
                         source="Cramér and Rao", of=of)  # fmt: skip


def width_kept(width: Estimate, of: str, name: str) -> Check:
    """A posterior by the width of the exact one: at most 1.1, and not below 1, beyond 4 errors (and 3 % below).

    The mean over many data at one θ: a posterior that is too narrow is overconfident, since none knows more than all.
    """
    law, slack = f"{name}, by that of the exact posterior", 4 * (width.error or 0.0)
    if width.value < 1 - NARROWER - slack:
        law += ", not below 1: it claims more than the data tell"
        return Check.at_least(law, width.value, 1.0, tolerance=NARROWER + slack, error=width.error, of=of)
    return Check.at_most(law, width.value, WIDER, tolerance=slack, error=width.error, source="exact ln Z", of=of)
