# SPDX-License-Identifier: Apache-2.0
"""Closed forms of linear models against direct maximization, SciPy and scikit-learn; divergences against theirs."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, norm, wasserstein_distance

from isinglass.exact.generative import divergence
from isinglass.exact.generative import probabilistic_pca as pca

LAM = np.array([5.0, 3.0, 1.0, 0.5, 0.4, 0.3, 0.2, 0.1])
X = np.linspace(-12.0, 14.0, 2601)
STEP = X[1] - X[0]
P, Q = 0.5 * norm.pdf(X, 2.0, 1.0) + 0.5 * norm.pdf(X, 0.0, 0.7), norm.pdf(X, -0.5, 1.0)


def negative_objective(theta, beta, d=3):
    """Of W with orthogonal columns along the eigenvectors and the best q for it, numbers as in a linear encoder."""
    noise, w2 = np.exp(theta[0]), theta[1 : d + 1] ** 2
    M = w2 + beta * noise
    kl = 0.5 * (w2 * LAM[:d] / M**2 + beta * noise / M - 1 - np.log(beta * noise / M))
    off = ((1 - w2 / M) ** 2 * LAM[:d] + w2 * beta * noise / M).sum() + LAM[d:].sum()
    return 0.5 * len(LAM) * np.log(2 * np.pi * noise) + 0.5 * off / noise + beta * kl.sum()


@pytest.mark.parametrize(("beta", "active"), [(1.0, 3), (2.5, 2), (3.0, 1)])
def test_the_linear_optimum_is_that_of_direct_maximization(beta, active):
    rng = np.random.default_rng(0)
    best = min((minimize(negative_objective, rng.normal(size=4), args=(beta,)) for _ in range(8)), key=lambda o: o.fun)
    found = pca.linear_optimum(LAM, 3, beta)
    assert found.objective == pytest.approx(-best.fun, abs=1e-8)
    assert found.noise == pytest.approx(np.exp(best.x[0]), rel=1e-4)
    assert found.active == active
    np.testing.assert_allclose(found.squared_weights, best.x[1:] ** 2, atol=1e-3)


def test_at_weight_one_it_is_the_likelihood_of_probabilistic_components():
    """That of scikit-learn's PCA of the same rows, up to its n - 1; SciPy's density gives the same mean."""
    decomposition = pytest.importorskip("sklearn.decomposition")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 8)) * np.sqrt(LAM)
    C = np.cov(x, rowvar=False, ddof=0)
    W, noise = pca.maximum_likelihood(C, 3)
    mine = pca.log_likelihood(C, W, noise, 0.0)
    law = multivariate_normal(x.mean(axis=0), W @ W.T + noise * np.eye(8))
    assert mine == pytest.approx(law.logpdf(x).mean(), abs=1e-10)
    assert mine == pytest.approx(decomposition.PCA(3).fit(x).score(x), abs=1e-5)
    lam = np.linalg.eigvalsh(C)[::-1]
    assert pca.linear_optimum(lam, 3).objective == pytest.approx(mine, abs=1e-10)
    assert pca.reconstruction_error(lam, 3) == pytest.approx(lam[3:].sum())
    assert pca.principal_angle(W, W @ np.linalg.qr(rng.normal(size=(3, 3)))[0]) < 1e-7
    moved = np.full(8, 0.3)
    shifted = multivariate_normal(x.mean(axis=0) + moved, law.cov).logpdf(x).mean()
    assert pca.log_likelihood(C, W, noise, moved) == pytest.approx(shifted, abs=1e-10)


def test_too_large_a_weight_has_no_optimum():
    with pytest.raises(ValueError, match="eigenvalues above 0"):
        pca.linear_optimum(np.zeros(4), 2, 3.0)


def test_divergences_of_normal_laws():
    a, b = norm.pdf(X, 1.0, 1.0), norm.pdf(X, -0.5, 1.0)
    assert divergence.kullback_leibler(a, b, STEP) == pytest.approx(1.5**2 / 2, abs=1e-9)
    assert divergence.jensen_shannon(a, a, STEP) == 0.0
    assert divergence.best_value(a, a, STEP) == pytest.approx(-1.3862943611)
    apart = divergence.jensen_shannon(norm.pdf(X, -6, 0.3), norm.pdf(X, 8, 0.3), STEP)
    assert apart == pytest.approx(np.log(2), abs=1e-9)
    assert divergence.wasserstein(a, b, X) == pytest.approx(1.5, abs=1e-9)
    assert divergence.wasserstein(P, Q, X) == pytest.approx(wasserstein_distance(X, X, P, Q), rel=1e-6)


def test_the_best_value_is_that_of_the_optimal_discriminator():
    """Any other has less: D* scaled by a power."""
    D = P / (P + Q)
    value = lambda D: float((P * np.log(D) + Q * np.log1p(-D)).sum() * STEP)  # noqa: E731
    assert divergence.best_value(P, Q, STEP) == pytest.approx(value(D), abs=1e-9)
    assert value(D**1.1) < value(D)


def test_interpolates_have_the_moments_of_samples():
    """Means within 4.5 errors of a million samples."""
    rng, n = np.random.default_rng(2), 10**6
    a = np.where(rng.random(n) < 0.5, rng.normal(2, 1, n), rng.normal(0, 0.7, n))
    u = rng.random(n)
    y = u * a + (1 - u) * rng.normal(-0.5, 1.0, n)
    r = divergence.interpolated_density(P, Q, X)
    for f in (lambda x: x, lambda x: x**2, np.cos):
        v = f(y)
        assert abs((r * f(X)).sum() * STEP - v.mean()) < 4.5 * v.std() / n**0.5


def test_the_penalized_critic_is_a_maximum():
    """Of any slope around the best one less is reached; two penalties tell W_1; a large one is W_1."""
    best = divergence.penalized_critic(P, Q, X, 1.0)
    r, g = divergence.interpolated_density(P, Q, X), np.cumsum(Q - P) * STEP
    reached = lambda s: float((g * s - r * np.maximum(np.abs(s) - 1, 0) ** 2).sum() * STEP)  # noqa: E731
    assert reached(best.slope) == pytest.approx(best.objective, rel=1e-6)
    for bump in (0.1, -0.1):
        assert reached(best.slope + bump * np.exp(-(X**2))) < best.objective
    W = divergence.wasserstein(P, Q, X)
    assert 2 * divergence.penalized_critic(P, Q, X, 2.0).objective - best.objective == pytest.approx(W, rel=1e-6)
    assert divergence.penalized_critic(P, Q, X, 1e5).gap == pytest.approx(W, rel=1e-3)


def test_masses_of_a_map_are_those_of_its_law():
    z, edges = np.linspace(-8, 8, 4001), np.linspace(-5, 5, 11)
    for slope in (2.0, -2.0):
        found = divergence.masses_of_map(slope * z + 1, np.diff(norm.cdf(z)), edges)
        np.testing.assert_allclose(found, np.diff(norm.cdf(edges, 1, 2)), atol=1e-6)
    folded = divergence.masses_of_map(np.abs(z), np.diff(norm.cdf(z)), np.array([0.0, 1.0]))
    assert folded[0] == pytest.approx(norm.cdf(1) - norm.cdf(-1), abs=1e-6)
