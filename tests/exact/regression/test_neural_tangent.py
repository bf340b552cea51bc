# SPDX-License-Identifier: Apache-2.0
"""The kernel of one hidden layer by Gaussian averages, of more by its law; descent by its steps."""

import numpy as np
import pytest

from isinglass.exact.regression.neural_tangent import tangent_kernel, trained_mean

X = np.random.default_rng(0).normal(size=(4, 3))


def test_one_hidden_layer_by_sampling():
    """Σ = 2 <relu relu>, Θ = Σ + 2 <θ θ> x·x'/d over 10^6 weights: within 4 errors; planted: θ without its 2."""
    h = np.random.default_rng(1).normal(size=(10**6, 3)) @ X.T / 3**0.5
    found, inner = tangent_kernel(X, X, 1), X @ X.T / 3
    for i, j in ((0, 0), (0, 1), (2, 3)):
        relu = 2 * np.maximum(h[:, i], 0) * np.maximum(h[:, j], 0)
        both = relu + 2 * (h[:, i] > 0) * (h[:, j] > 0) * inner[i, j]
        assert abs(relu.mean() - found.covariance[i, j]) < 4e-3 * relu.std()
        assert abs(both.mean() - found.tangent[i, j]) < 4e-3 * both.std()
        assert abs((both + relu).mean() / 2 - found.tangent[i, j]) > 4e-3 * both.std()


@pytest.mark.parametrize("hidden", [1, 2, 5])
def test_diagonal_and_sign(hidden):
    found = tangent_kernel(X, X, hidden)
    np.testing.assert_allclose(np.diag(found.tangent), (hidden + 1) * np.sum(X**2, axis=1) / 3, rtol=1e-7)
    assert np.linalg.eigvalsh(found.tangent).min() > 0
    np.testing.assert_allclose(tangent_kernel(X, X[:2], hidden).tangent, found.tangent[:, :2], rtol=1e-12)


def test_descent_of_the_outputs():
    """f ← f - η Θ (f - y), on training rows and others together."""
    K = tangent_kernel(X, X, 2).tangent
    y, f = np.array([1.0, -1.0, 0.5]), np.zeros(4)
    for _ in range(30):
        f = f - 0.2 * K[:, :3] @ (f[:3] - y)
    np.testing.assert_allclose(trained_mean(K[:, :3], K[:3, :3], y, 0.2, 30), f, rtol=1e-10)
