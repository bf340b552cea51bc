# SPDX-License-Identifier: Apache-2.0
"""Checks of atoms at rest: each threshold passes at 0.9 and fails at 1.1 of it."""

import numpy as np

from isinglass.checks.atoms.crystal import (
    elastically_stable,
    energy_fell,
    forces_vanish,
    same_energy,
    stress_is_pressure,
    sum_rule,
    vibrations_stable,
    walkers_agree,
)  # fmt: skip


def verdicts(*checks):
    return [check.verdict for check in checks]


def test_thresholds():
    assert verdicts(forces_vanish(1.8e-5, 1e-5), forces_vanish(2.2e-5, 1e-5)) == ["pass", "fail"]
    assert verdicts(sum_rule(0.9e-8), sum_rule(1.1e-8)) == ["pass", "fail"]
    assert verdicts(elastically_stable(1e-3), elastically_stable(-1e-3)) == ["pass", "fail"]
    assert verdicts(same_energy(8.0, 8.0 + 7e-8, 8), same_energy(8.0, 8.0 + 9e-8, 8)) == ["pass", "fail"]
    assert verdicts(energy_fell(-8.0, -8.0 + 7e-10, 8), energy_fell(-8.0, -8.0 + 9e-10, 8)) == ["pass", "fail"]


def test_stress_beside_the_pressure():
    """At 5 GPa the stress is -5 along the diagonal; shear and, of an isotropic cell, only the mean counts."""
    sigma = -5.0 * np.eye(3)
    sigma[0, 1] = sigma[1, 0] = 1.8e-3
    assert stress_is_pressure(sigma, 5.0, 1e-3, "full").verdict == "pass"
    sigma[0, 1] = sigma[1, 0] = 2.2e-3
    assert stress_is_pressure(sigma, 5.0, 1e-3, "full").verdict == "fail"
    assert stress_is_pressure(sigma, 5.0, 1e-3, "isotropic").verdict == "pass"
    assert stress_is_pressure(-sigma, 5.0, 1e-3, "isotropic").verdict == "fail"  # planted: the sign of the virial


def test_an_imaginary_frequency_is_seen():
    f = np.array([[1e-4, 2.0], [-0.09, 3.0]])
    assert vibrations_stable(f, 1).verdict == "pass"
    assert vibrations_stable(f - 0.02, 1).verdict == "fail"
    assert vibrations_stable(np.zeros((0, 2)), 1).verdict == "unknown"


def test_what_a_vibration_does_not_tell_is_unknown():
    """Planted: two modes expected at q = 0 and one there, as of parts that do not see each other; too small a cell."""
    f = np.array([[1e-4, 2.0], [1.0, 3.0]])
    apart = vibrations_stable(f, 2)
    assert apart.verdict == "unknown"
    assert "1 that cost nothing" in apart.law
    small = vibrations_stable(f, 1, wide=False)
    assert small.verdict == "unknown"
    assert "larger reach" in small.law
    assert vibrations_stable(-f, 2, wide=False).verdict == "fail"


def test_one_walker_may_have_missed_a_deeper_minimum():
    assert walkers_agree(1, 8).verdict == "unknown"
    assert walkers_agree(2, 8).verdict == "pass"
