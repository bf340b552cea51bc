# SPDX-License-Identifier: Apache-2.0
"""Trial states of atoms against integrals and draws; the curse of many electrons."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from isinglass.checks.variational import variance_tells, variational_principle
from isinglass.exact.quantum.trial_states import grid_points, helium, hydrogen
from isinglass.result import Estimate


@pytest.mark.parametrize("alpha", [0.6, 1.0, 1.4])
def test_hydrogen_by_integrals_and_by_draws(alpha):
    """ψ Hψ and (Hψ)² integrated over r; the local energy over draws of r² exp(-2αr), within 4 errors.

    Planted: the other sign of the attraction.
    """
    E, variance = hydrogen(alpha)
    local = lambda r, sign=-1.0: -(alpha**2) / 2 + alpha / r + sign / r  # noqa: E731
    density = lambda r: 4 * alpha**3 * r**2 * np.exp(-2 * alpha * r)  # noqa: E731
    mean = quad(lambda r: density(r) * local(r), 0, np.inf)[0]
    assert mean == pytest.approx(E, abs=1e-8)
    assert quad(lambda r: density(r) * (local(r) - mean) ** 2, 0, np.inf)[0] == pytest.approx(variance, abs=1e-8)
    r = np.random.default_rng(0).gamma(3, 1 / (2 * alpha), 20_000)
    error = (variance / len(r)) ** 0.5
    drawn = Estimate(local(r).mean(), error)
    assert drawn.value == pytest.approx(E, abs=4 * error + 1e-12)
    assert abs(local(r, 1.0).mean() - E) > 1
    assert (
        variational_principle(drawn, -0.5).verdict == variance_tells(drawn, Estimate(variance), -0.5).verdict == "pass"
    )
    assert (variance == 0) == (alpha == 1)


def test_helium():
    """The repulsion as an integral over both radii; the least energy -(27/16)²; -2.75 in first order."""
    radial = lambda r, zeta: 4 * zeta**3 * r**2 * np.exp(-2 * zeta * r)  # noqa: E731

    def repulsion(zeta):
        inside = lambda r: quad(lambda s: radial(s, zeta), 0, r)[0] / r  # noqa: E731
        outside = lambda r: quad(lambda s: radial(s, zeta) / s, r, np.inf)[0]  # noqa: E731
        return quad(lambda r: radial(r, zeta) * (inside(r) + outside(r)), 0, np.inf)[0]

    for zeta in (1.3, 2.0):
        assert helium(zeta) == pytest.approx(2 * (zeta**2 / 2 - 2 * zeta) + repulsion(zeta), abs=1e-7)
    best = minimize_scalar(helium, bounds=(1, 3))
    assert best.x == pytest.approx(27 / 16, abs=1e-5)
    assert best.fun == pytest.approx(-2.84765625, abs=1e-9)
    assert helium(2) == -2.75
    assert best.fun > -2.903724  # the exact energy, Pekeris 1959, doi:10.1103/PhysRev.115.1216


def test_the_curse_of_many_electrons():
    """10^6, 10^30, 10^150, 10^300 numbers for 2, 10, 50, 100 electrons."""
    assert [grid_points(N) for N in (2, 10, 50, 100)] == [10**6, 10**30, 10**150, 10**300]
