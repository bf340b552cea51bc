# SPDX-License-Identifier: Apache-2.0
"""Does a sample set have the exact mean energy?"""

import numpy as np
from jaxtyping import Float
from scipy.stats import t as student

from isinglass.result import Check

__all__ = ["energy_checks"]

FALSE_ALARM = 1e-4  # for all temperatures of a run together


def energy_checks(energy: Float[np.ndarray, "T R D"], exact: Float[np.ndarray, " T"] | None) -> list[Check]:
    """Largest |mean - exact| / standard error over temperatures; chains are independent, so their means tell the error.

    False alarm 1e-4 by Student's law of R - 1 degrees of freedom, shared among T temperatures.
    Resolution: R D draws see an error of 4 std(E) / sqrt(R D / 2 tau).
    """
    if exact is None or energy.shape[1] < 3:
        return []
    means = energy.mean(axis=2)
    error = means.std(axis=1, ddof=1) / np.sqrt(means.shape[1])
    distance = np.abs(means.mean(axis=1) - exact)
    z = distance / np.maximum(error, 1e-12 * np.abs(exact) + 1e-300)
    bound = float(student.isf(FALSE_ALARM / 2 / len(exact), means.shape[1] - 1))
    law = "mean energy equals the exact one: largest deviation over temperatures, in standard errors"
    return [Check.at_most(law, float(z.max()), bound, source="Kaufman 1949, doi:10.1103/PhysRev.76.1232")]
