# SPDX-License-Identifier: Apache-2.0
"""Are the odds of models known well enough to choose one, and is one of them a model of the observation?"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from isinglass.checks.posterior import in_simulated_range
from isinglass.result import Check

__all__ = ["one_in_range", "resolved"]

LARGEST, SHARE = 0.5, 0.1  # error of ln B, nat, and as a share of it


def resolved(log_factor: float, error: float, names: tuple[str, str]) -> Check:
    """The error of ln B is at most half a nat, or a tenth of it; else `unknown`.

    Deterministic bound: a probability of 1/2 is then known to 0.12, and the favorite by five errors where the error is
    larger.
    """
    bound = max(LARGEST, SHARE * abs(log_factor))
    law = f"error of ln of the Bayes factor of {names[0]} and {names[1]}, the two most probable, nat"
    if error <= bound:
        return Check.at_most(law, error, bound)
    return Check(f"{law} (too large; more samples decide)", error, bound, 0.0, "unknown", relation="<=")


def one_in_range(observed: Float[np.ndarray, " m"], simulated: dict[str, Float[np.ndarray, "n m"]]) -> Check:
    """The observation is no stranger to the simulations of a model at least; else none of them is its source."""
    found = {name: in_simulated_range(observed, rows) for name, rows in simulated.items()}
    order = ("pass", "unknown", "fail")
    best = min(found, key=lambda name: (order.index(found[name].verdict), -(found[name].measured or 0.0)))
    return replace(found[best], law=f"{best}, the nearest of the models: {found[best].law}")
