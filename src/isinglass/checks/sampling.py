# SPDX-License-Identifier: Apache-2.0
"""Did the chains converge, and to the right energies?  Law: R-hat → 1 (arXiv:1903.08008); <E> is the exact one."""

import numpy as np
from jaxtyping import Float
from scipy.stats import t as student

from isinglass.result import Check

__all__ = ["convergence_checks", "energy_checks"]

FALSE_ALARM = 1e-4  # for all temperatures of a run together

SOURCE = "arXiv:1903.08008"


def convergence_checks(
    r_hat: Float[np.ndarray, " T"], effective_samples: Float[np.ndarray, " T"], wanted: float | None
) -> list[Check]:
    """R-hat at most 1.1, and as many effective samples as were asked for, at every temperature.

    R-hat of chains with n effective draws each is about 1 + 1/n even where all is well: 1.1 asks for ten.  False alarm
    below 1e-4 for four or more chains of 100 effective draws; resolution: chains whose means scatter by half a
    standard deviation.
    """
    worst = float(np.max(r_hat))
    checks = [Check.at_most("chains agree, largest R-hat", worst, 1.1, source=SOURCE, of="r_hat")]
    if wanted is not None:
        least = float(np.min(effective_samples))
        law = "effective samples at every temperature"
        checks.append(Check.at_least(law, least, wanted, source=SOURCE, of="effective_sample_size"))
    return checks


def energy_checks(energy: Float[np.ndarray, "T R D"], exact: Float[np.ndarray, " T"] | None) -> list[Check]:
    """Largest |mean - exact| / standard error over temperatures; chains are independent, so their means give the error.

    False alarm 1e-4 by Student's law of R - 1 degrees of freedom, shared among T temperatures.
    Resolution: an error of 6 std(E) sqrt(2 tau / R D).
    """
    if exact is None or energy.shape[1] < 8:
        return []
    means = energy.mean(axis=2)
    error = means.std(axis=1, ddof=1) / np.sqrt(means.shape[1])
    z = np.abs(means.mean(axis=1) - exact) / np.maximum(error, 1e-9 * np.abs(exact) + 1e-300)
    bound = float(student.isf(FALSE_ALARM / 2 / len(exact), means.shape[1] - 1))
    law = "mean energy is exact, largest deviation in errors"
    return [Check.at_most(law, float(z.max()), bound, source="exact solution on the finite lattice")]
