# SPDX-License-Identifier: Apache-2.0
"""Capacities against their integrals, published values and limits."""

from math import log

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from isinglass.exact.learning.perceptron import binary_capacity, binary_entropy, largest_margin, spherical_capacity


@pytest.mark.parametrize("margin", [0.0, 0.5, 1.5])
def test_the_capacity_is_its_integral(margin):
    exact = 1 / quad(lambda t: norm.pdf(t) * (t + margin) ** 2, -margin, np.inf)[0]
    assert spherical_capacity(margin) == pytest.approx(exact, rel=1e-9)
    assert largest_margin(exact) == pytest.approx(margin, abs=1e-9)


def test_limits_of_the_margin():
    """2 at margin 0; κ²α -> 1 for few points, the distance of orthogonal ones."""
    assert spherical_capacity() == pytest.approx(2.0)
    assert largest_margin(1e-4) * 1e-2 == pytest.approx(1.0, abs=0.02)
    with pytest.raises(ValueError, match="at most 2"):
        largest_margin(2.5)


def test_binary_weights():
    """Krauth and Mézard's 0.833; ln 2 without points, and each of the first ones halves the number."""
    assert binary_capacity() == pytest.approx(0.8331, abs=1e-4)
    assert binary_entropy(1e-4) == pytest.approx(log(2) * (1 - 1e-4), abs=1e-7)
    assert binary_entropy(0.5) < log(2) / 2  # less than ln of the mean number
    assert binary_capacity(0.5) < binary_capacity()


@pytest.mark.parametrize("alpha", [0.2, 0.6])
def test_the_entropy_is_an_extremum(alpha):
    """Its slope in α is <ln H>, that of the explicit α alone; here by the entropies of a margin near 0."""
    step = 1e-4
    slope = (binary_entropy(alpha + step) - binary_entropy(alpha - step)) / (2 * step)
    assert slope < -log(2)
    assert slope > -2 * log(2)
    assert binary_entropy(alpha, 0.01) < binary_entropy(alpha) < binary_entropy(alpha, -0.01)
