# SPDX-License-Identifier: Apache-2.0
"""The temperature of one Ising configuration: published bounds, and the posterior from the exact law of the energy."""

import numpy as np
import pytest

from isinglass.exact.lattice import bayes, onsager
from isinglass.exact.lattice.density_of_states import density_of_states
from isinglass.exact.lattice.temperature_posterior import temperature_information, temperature_posterior

TC = onsager.critical_temperature()


@pytest.mark.parametrize(("L", "T", "width"), [(16, 2.0, 0.14675), (16, TC, 0.11585), (32, TC, 0.05218)])
def test_fisher_bounds(L, T, width):
    """σ_T = T/√(N c)."""
    assert temperature_information(T, L) ** -0.5 == pytest.approx(width, abs=6e-6)


def test_the_posterior_is_that_of_the_law_of_the_energy():
    """By the exact number of states, which Kaufman's ln Z knows nothing of."""
    T, E = np.linspace(1.5, 3.0, 801), density_of_states(8).E
    P = np.exp(bayes.energy_law(8, T))
    P = P[:, P.max(axis=0) > 0]
    E = E[np.exp(bayes.energy_law(8, T)).max(axis=0) > 0].astype(float)
    weight = P / np.trapezoid(P, T, axis=0)
    mean = np.trapezoid(T[:, None] * weight, T, axis=0)
    width = np.sqrt(np.trapezoid((T[:, None] - mean) ** 2 * weight, T, axis=0))
    found = temperature_posterior(E, 1.5, 3.0, 8)
    np.testing.assert_allclose(found[0], mean, rtol=1e-9)
    np.testing.assert_allclose(found[1], width, rtol=1e-6)


def test_the_mean_over_the_prior_is_that_of_the_prior():
    """E[E[T given x]] = E[T], and E[Var] + Var[E] = Var[T]."""
    T, E = np.linspace(1.5, 3.0, 801), density_of_states(8).E.astype(float)
    P = np.exp(bayes.energy_law(8, T))
    mean, width = temperature_posterior(E, 1.5, 3.0, 8)
    over = lambda f: np.trapezoid(P @ f, T) / 1.5  # noqa: E731
    assert over(mean) == pytest.approx(2.25, abs=1e-6)
    assert over(width**2 + mean**2) - 2.25**2 == pytest.approx(1.5**2 / 12, abs=1e-5)
