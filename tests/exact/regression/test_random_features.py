# SPDX-License-Identifier: Apache-2.0
"""Random features: Mei and Montanari's own equations, and limits."""

import numpy as np
import pytest

from isinglass.exact.regression.kernel_regression import kernel_error
from isinglass.exact.regression.random_features import RELU, Activation, best_penalty, features_error


def mei_montanari(psi1, psi2, penalty, of):
    """Bias B and variance V of definition 1 and theorem 2, arXiv:1908.05355, by iteration; |β| = 1."""
    zeta2, lam = of.linear**2 / of.rest, penalty / of.rest
    xi = 1j * np.sqrt(psi1 * psi2 * lam)
    a = b = 1e-3j
    for _ in range(200_000):
        before = a
        a = psi1 / (-xi - b - zeta2 * b / (1 - zeta2 * a * b))
        b = psi2 / (-xi - a - zeta2 * a / (1 - zeta2 * a * b))
        if abs(a - before) < 1e-14 * abs(a):
            break
    c = (a * b).real
    p12, z = psi1 * psi2, zeta2
    E0 = (-(c**5) * z**3 + 3 * c**4 * z**2 + (p12 - psi2 - psi1 + 1) * c**3 * z**3 - 2 * c**3 * z**2 - 3 * c**3 * z
          + (psi1 + psi2 - 3 * p12 + 1) * c**2 * z**2 + 2 * c**2 * z + c**2 + 3 * p12 * c * z - p12)  # fmt: skip
    E1 = psi2 * c**3 * z**2 - psi2 * c**2 * z + p12 * c * z - p12
    E2 = (c**5 * z**3 - 3 * c**4 * z**2 + (psi1 - 1) * c**3 * z**3 + 2 * c**3 * z**2 + 3 * c**3 * z
          - (psi1 + 1) * c**2 * z**2 - 2 * c**2 * z - c**2)  # fmt: skip
    return E1 / E0, E2 / E0


@pytest.mark.parametrize("of", [RELU, Activation(0.0, 0.9, 0.05)], ids=["relu", "nearly linear"])
@pytest.mark.parametrize(("features", "examples"), [(0.5, 2.0), (2.0, 2.0), (5.0, 2.0), (3.0, 0.7)])
@pytest.mark.parametrize("penalty", [0.03, 1.0])
def test_the_equations_of_mei_and_montanari(features, examples, penalty, of):
    """An independent system of equations, to six digits; planted: the penalty of another convention."""
    expected = mei_montanari(features, examples, penalty, of)
    assert features_error(features, examples, penalty, of) == pytest.approx(expected, rel=1e-6)
    assert features_error(features, examples, penalty * 1.01, of) != pytest.approx(expected, rel=1e-6)


def test_without_penalty_the_peak_is_at_as_many_features_as_examples():
    near = [features_error(2.0 * f, 2.0).bias for f in (0.5, 0.999, 1.001, 2.0)]
    assert min(near[1:3]) > 50 * max(near[0], near[3])
    assert features_error(2.0, 2.0).bias == np.inf
    few = features_error(0.5, 2.0)  # p < n: σ² p/(n - p) of noise, fitted by least squares
    assert few.variance == pytest.approx(0.5 / 1.5, rel=1e-9)


def test_many_features_are_a_kernel():
    """p → ∞: linear ridge regression on d inputs of μ_1, with the ridge λ + μ_*² d/n."""
    flat = np.ones(1)
    expected = kernel_error(RELU.linear**2 * flat, flat, 2.0, 0.0, 0.1 + RELU.rest / 2.0, flat)
    found = features_error(1e5, 2.0, 0.1)
    assert found.bias == pytest.approx(expected.bias, rel=1e-4)


def test_the_best_penalty_has_no_peak():
    errors = [best_penalty(2.0 * f, 2.0, 0.3)[1] for f in (0.3, 0.6, 0.9, 1.0, 1.1, 2.0, 4.0)]
    assert (np.diff(errors) < 0).all()
