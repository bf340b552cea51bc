# SPDX-License-Identifier: Apache-2.0
"""Several lattice sizes: exact Onsager values from crossings and collapse; configurations by independent NumPy code."""

import jax
import numpy as np
import pytest
from tests.inference import lattices

from isinglass.exact.lattice.critical import critical_temperature
from isinglass.inference.phases.decision import Evidence
from isinglass.inference.phases.scaling import BySize, crossings, kind_of, scaling
from isinglass.result import Estimate


def test_curves_that_cross():
    """ln ξ/L = -(T - 2) L/10: slopes differ, all pass at T = 2."""
    T = np.linspace(1.5, 2.5, 11)
    rng = np.random.default_rng(0)
    noise = lambda: 0.01 * (rng.normal(size=11) + np.concatenate([np.zeros((1, 11)), rng.normal(size=(50, 11))]))  # noqa: E731
    curves = {L: (T, np.exp(-(T - 2) * L / 10 + noise())) for L in (8, 16, 24)}
    found = crossings(curves)
    assert list(found) == [(8, 16), (16, 24)]
    assert all(abs(r.estimate.value - 2) < 4 * r.estimate.error < 0.1 for r in found.values())


def test_curves_that_do_not_cross_are_left_out():
    T = np.linspace(1.5, 2.5, 11)
    assert crossings({L: (T, np.exp(-(T - 2) - 3 / L) * np.ones((20, 1))) for L in (8, 16)}) == {}


def test_kind_of_transition():
    """ν > 1/d and β > 0 by three errors: continuous; ν = 1/d, β = 0 and two phases: first order; else unknown."""
    two = Evidence(*[Estimate(1.0, 0.1)] * 4, 5, 5, Estimate(1.2, 0.2), *[Estimate(1.0)] * 3)
    one = two._replace(bimodality=Estimate(2.9, 0.2))
    assert kind_of(Estimate(1.0, 0.1), Estimate(0.125, 0.02), one, 2)[0] == "continuous"
    assert kind_of(Estimate(0.5, 0.05), Estimate(0.0, 0.02), two, 2)[0] == "first order"
    assert kind_of(Estimate(0.5, 0.05), Estimate(0.0, 0.02), one, 2)[0] == "unknown"
    assert kind_of(Estimate(0.6, 0.2), Estimate(0.1, 0.1), two, 2)[0] == "unknown"


@pytest.mark.slow
def test_square_ising_from_three_sizes():
    """T_c and ν within 4 errors of Onsager's, errors below 2 and 40 %."""
    T = np.linspace(2.0, 2.6, 13)
    by_size = {L: lattices.ising(L, L, T, chains=80, sweeps=300) for L in (8, 12, 16)}
    result = scaling(jax.random.key(0), by_size, BySize(draws=60))
    exact = critical_temperature("ising").value
    critical, nu = result.estimates["critical_temperature"], result.estimates["exponent_nu"]
    assert abs(critical.value - exact) < 4 * critical.error < 0.08 * exact
    assert abs(nu.value - 1) < 4 * nu.error < 1.6
