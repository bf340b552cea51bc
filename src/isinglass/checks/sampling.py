# SPDX-License-Identifier: Apache-2.0
"""Did the chains converge?  Law: between- and within-chain variances agree, R-hat → 1.  Ref: arXiv:1903.08008."""

from typing import Protocol

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["convergence_checks"]

SOURCE = "arXiv:1903.08008"


class Diagnosed(Protocol):
    """What is checked: one number for each temperature."""

    effective_samples: Float[np.ndarray, " T"]
    r_hat: Float[np.ndarray, " T"]


def convergence_checks(diagnosis: Diagnosed, wanted: float | None) -> list[Check]:
    """R-hat at most 1.05, and as many effective samples as were asked for, at every temperature.

    R-hat of n effective draws scatters by about 1/n above 1 even where all is well, which the tolerance allows for.
    """
    worst = float(np.max(diagnosis.r_hat))
    least = float(np.min(diagnosis.effective_samples))
    checks = [Check.at_most("chains agree: largest R-hat over temperatures", worst, 1.05, source=SOURCE)]
    if wanted is not None:
        checks.append(Check.at_least("effective samples at every temperature", least, wanted, source=SOURCE))
    return checks
