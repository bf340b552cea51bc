# SPDX-License-Identifier: Apache-2.0
"""The kernel of one hidden layer by Gaussian averages, of more by its law; descent by its steps."""

import numpy as np
import pytest
from scipy.special import erf

from isinglass.exact.regression.neural_tangent import tangent_kernel, trained_mean

X = np.random.default_rng(0).normal(size=(4, 3))


RELU = (lambda h: 2**0.5 * np.maximum(h, 0), lambda h: 2**0.5 * (h > 0))
ERF = (erf, lambda h: 2 / np.pi**0.5 * np.exp(-(h**2)))


@pytest.mark.parametrize(("activation", "of"), [("relu", RELU), ("erf", ERF)], ids=["relu", "erf"])
def test_one_hidden_layer_by_sampling(activation, of):
    """Σ = <φ φ>, Θ = Σ + <φ' φ'> x·x'/d over 10^6 weights: within 4 errors; planted: half of the second term."""
    h = np.random.default_rng(1).normal(size=(10**6, 3)) @ X.T / 3**0.5
    found, inner = tangent_kernel(X, X, 1, activation), X @ X.T / 3
    for i, j in ((0, 0), (0, 1), (2, 3)):
        product = of[0](h[:, i]) * of[0](h[:, j])
        both = product + of[1](h[:, i]) * of[1](h[:, j]) * inner[i, j]
        assert abs(product.mean() - found.covariance[i, j]) < 4e-3 * product.std()
        assert abs(both.mean() - found.tangent[i, j]) < 4e-3 * both.std()
        assert abs((both + product).mean() / 2 - found.tangent[i, j]) > 4e-3 * both.std()


def test_two_hidden_layers_by_quadrature():
    """Of erf: the second layer from the covariance of the first, by Gauss and Hermite."""
    first, second = (tangent_kernel(X[:2], X[:2], hidden) for hidden in (1, 2))
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    L = np.linalg.cholesky(first.covariance)
    u, v = L[0, 0] * z[:, None], L[1, 0] * z[:, None] + L[1, 1] * z[None]
    mean = lambda f: weight @ (f(u) * f(v)) @ weight / (2 * np.pi)  # noqa: E731
    assert second.covariance[0, 1] == pytest.approx(mean(ERF[0]), rel=1e-9)
    expected = mean(ERF[0]) + mean(ERF[1]) * first.tangent[0, 1]
    assert second.tangent[0, 1] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("hidden", [1, 2, 5])
def test_diagonal_and_sign(hidden):
    found = tangent_kernel(X, X, hidden, "relu")
    np.testing.assert_allclose(np.diag(found.tangent), (hidden + 1) * np.sum(X**2, axis=1) / 3, rtol=1e-7)
    assert np.linalg.eigvalsh(found.tangent).min() > 0
    np.testing.assert_allclose(tangent_kernel(X, X[:2], hidden, "relu").tangent, found.tangent[:, :2], rtol=1e-12)


def test_descent_of_the_outputs():
    """f ← f - η Θ (f - y), on training rows and others together."""
    K = tangent_kernel(X, X, 2).tangent
    y, f = np.array([1.0, -1.0, 0.5]), np.zeros(4)
    for _ in range(30):
        f = f - 0.2 * K[:, :3] @ (f[:3] - y)
    np.testing.assert_allclose(trained_mean(K[:, :3], K[:3, :3], y, 0.2, 30), f, rtol=1e-10)
