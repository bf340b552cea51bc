# SPDX-License-Identifier: Apache-2.0
"""Replica-symmetric students against ridge regression, Hebb's rule, and sampled definitions."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from isinglass.exact.learning.empirical_risk import LOSSES, hebb_error, signs, student
from isinglass.exact.regression.linear_regression import ridge_risk

VALUE = {"square": lambda z: (1 - z) ** 2 / 2, "hinge": lambda z: max(0.0, 1 - z),
         "logistic": lambda z: np.logaddexp(0, -z)}  # fmt: skip


@pytest.mark.parametrize(("alpha", "penalty", "noise"), [(2.0, 0.2, 0.25), (0.5, 1.0, 0.25), (1.0, 0.5, 1.0)])
def test_the_square_loss_is_ridge_regression(alpha, penalty, noise):
    at = student("square", alpha, penalty, teacher="linear", noise=noise)
    assert 1 - 2 * at.m + at.q == pytest.approx(ridge_risk(penalty / alpha, 1 / alpha, noise), abs=1e-7)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_a_large_penalty_is_the_rule_of_hebb(loss):
    assert student(loss, 1.5, 1e4).wrong_signs == pytest.approx(hebb_error(1.5), abs=1e-4)


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("omega", [-2.0, 0.3, 1.7])
def test_the_proximal_step_is_a_minimum(loss, omega):
    V = 0.8
    best = minimize_scalar(lambda z: VALUE[loss](z) + (z - omega) ** 2 / (2 * V), bounds=(-5, 6), method="bounded",
                           options={"xatol": 1e-10})  # fmt: skip
    assert float(LOSSES[loss](np.array([omega]), V)[0]) == pytest.approx((best.x - omega) / V, abs=1e-5)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_the_equations_hold_for_sampled_fields(loss):
    """ω and z of covariance q, m, 1: ∂ ln P/∂ω_0 is (z - η ξ)/(1 - η²).  Four standard errors; sees 2 %."""
    m, q, V, alpha = 0.5, 0.6, 0.7, 1.3
    rng = np.random.default_rng(4)
    xi, other = rng.normal(size=(2, 2**19))
    eta = m / q**0.5
    z = eta * xi + (1 - eta**2) ** 0.5 * other
    y = np.sign(z)
    f = lambda omega: y * LOSSES[loss](y * omega, V)  # noqa: E731
    omega, step = q**0.5 * xi, 1e-4
    sampled = (
        f(omega) * (z - eta * xi) / (1 - eta**2),
        f(omega) ** 2,
        -(f(omega + step) - f(omega - step)) / (2 * step),
    )
    for each, exact in zip(sampled, signs(LOSSES[loss], alpha, m, q, V), strict=True):
        assert abs(alpha * each.mean() - exact) < 4 * alpha * each.std() / 2**9.5 + 1e-9


def test_order_of_students_and_limits():
    """Hebb's rule is best for few rows and worst for many; errors fall with α."""
    assert hebb_error(0.05) < 1.01 * student("logistic", 0.05, 1.0).wrong_signs
    assert hebb_error(20.0) > 1.5 * student("hinge", 20.0, 1.0).wrong_signs
    curve = [student("logistic", a, 1.0).wrong_signs for a in (0.5, 1, 2, 4)]
    assert (np.diff(curve) < 0).all()
    with pytest.raises(ValueError, match="square loss alone"):
        student("hinge", 1.0, 1.0, teacher="linear")
