# SPDX-License-Identifier: Apache-2.0
"""Learning curves, spectra, quantizers and entropies against published values and simulation."""

from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from isinglass.exact.learning import information, quantization, random_matrix
from isinglass.exact.regression import linear_regression as learning

RIDGE = np.genfromtxt(Path(__file__).parent / "tables/ridge.csv", delimiter=",", names=True, deletechars="")


@pytest.mark.parametrize("row", RIDGE, ids=lambda row: f"gamma{row['gamma']}-noise{row['noise']}")
def test_ridge_table(row):
    """Tolerance 5e-10: three published values are off by 1e-10 to 4e-10, as the quadrature below shows."""
    gamma, noise = float(row["gamma"]), float(row["noise"])
    assert learning.ridge_optimum(gamma, noise) == row["optimum"]
    for penalty, name in ((row["optimum"], "R_optimum"), (0.1, "R_0.1"), (1.0, "R_1")):
        assert learning.ridge_risk(float(penalty), gamma, noise) == pytest.approx(row[name], abs=5e-10)
    assert learning.min_norm_risk(gamma, noise) == pytest.approx(row["min_norm"], rel=1e-14)
    around = [learning.ridge_risk(float(row["optimum"]) * f, gamma, noise) for f in (0.9, 1, 1.1)]
    assert around[1] == min(around)


@pytest.mark.parametrize(("gamma", "noise"), [(0.5, 0.25), (2.0, 1.0), (0.5, 1.0)])
@pytest.mark.parametrize("penalty", [0.1, 1.0])
def test_ridge_by_quadrature(gamma, noise, penalty):
    """R = ∫ dF(x) [λ² + σ² γ x] / (x + λ)² over the Marchenko-Pastur law, its atom at 0 included."""

    def integrand(angle):  # x = 1 + γ + 2 √γ cos(angle) smooths the edges
        x = 1 + gamma + 2 * np.sqrt(gamma) * np.cos(angle)
        density = random_matrix.marchenko_pastur_density(np.array([x]), gamma)[0] * 2 * np.sqrt(gamma) * np.sin(angle)
        return (penalty**2 + noise * gamma * x) / (x + penalty) ** 2 * density

    expected = integrate.quad(integrand, 0, np.pi, epsabs=1e-13)[0] + max(0.0, 1 - 1 / gamma)
    assert learning.ridge_risk(penalty, gamma, noise) == pytest.approx(expected, rel=1e-11)


def simulate_ridge(rng, n, p, noise, penalty):
    """(fitted - true weights) of one draw, in the 1/n convention."""
    X = rng.normal(size=(n, p))
    w = rng.normal(size=p)
    w /= np.linalg.norm(w)
    y = X @ w + np.sqrt(noise) * rng.normal(size=n)
    return np.linalg.solve(X.T @ X / n + penalty * np.eye(p), X.T @ y / n) - w


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_ridge_simulation(gamma):
    """20 draws at n = 300: within 4 standard errors (6e-5); sees 6 % in the risk, and a penalty without the 1/n."""
    rng = np.random.default_rng(3)
    n, p, noise = 300, int(300 * gamma), 0.25
    penalty = learning.ridge_optimum(gamma, noise)
    risks = [np.sum(simulate_ridge(rng, n, p, noise, penalty) ** 2) for _ in range(20)]
    error = np.std(risks, ddof=1) / np.sqrt(20)
    assert abs(np.mean(risks) - learning.ridge_risk(penalty, gamma, noise)) < 4 * error
    assert abs(np.mean(risks) - learning.ridge_risk(penalty / n, gamma, noise)) > 4 * error


def test_bias_and_variance():
    """Fixed X, 4000 noise draws: each within 4 standard errors or 2 %."""
    rng = np.random.default_rng(4)
    X, w, penalty, noise = rng.normal(size=(30, 10)), rng.normal(size=10), 0.3, 0.5
    Y = X @ w + np.sqrt(noise) * rng.normal(size=(4000, 30))
    fitted = np.linalg.solve(X.T @ X / 30 + penalty * np.eye(10), X.T @ Y.T / 30).T
    bias2, variance = learning.ridge_bias_variance(X, w, penalty, noise)
    assert np.sum((fitted.mean(axis=0) - w) ** 2) == pytest.approx(bias2, rel=0.03)
    assert fitted.var(axis=0).sum() == pytest.approx(variance, rel=0.04)


def test_least_squares_risks():
    """400 draws: within 4 standard errors (6e-5); sees p/n in place of p/(n - p - 1)."""
    rng = np.random.default_rng(5)
    n, p, noise = 40, 15, 1.5
    risks = []
    for _ in range(400):
        X = rng.normal(size=(n, p))
        residual = np.sqrt(noise) * rng.normal(size=n)
        excess = np.linalg.lstsq(X, residual, rcond=None)[0]  # risk does not depend on the true weights
        risks.append((np.mean((residual - X @ excess) ** 2), noise + np.sum(excess**2)))
    error = np.std(risks, axis=0, ddof=1) / 20
    train, test = learning.least_squares_risks(n, p, noise)
    assert abs(np.mean(risks, axis=0) - (train, test)).tolist() < (4 * error).tolist()
    assert abs(np.mean(risks, axis=0)[1] - noise * (1 + p / n)) > 4 * error[1]


def test_early_stopping():
    """Gradient descent, step by step, shrinks each component of the solution as stated."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(50, 6))
    y = rng.normal(size=50)
    S, b = X.T @ X / 50, X.T @ y / 50
    w = np.zeros(6)
    for _ in range(17):
        w -= 0.2 * (S @ w - b)
    eigenvalue, vector = np.linalg.eigh(S)
    shrinkage = learning.early_stopping_shrinkage(eigenvalue, 0.2, 17)
    np.testing.assert_allclose(vector.T @ w, shrinkage * (vector.T @ np.linalg.solve(S, b)), rtol=1e-12)


@pytest.mark.parametrize("p", [5, 30])
def test_some_of_the_inputs(p):
    """4000 data sets of 15 rows, 40 inputs, p of them seen: within 4 errors (6e-5); infinite next to n."""
    rng, n, errors = np.random.default_rng(4), 15, []
    for _ in range(4000):
        X = rng.normal(size=(n, p))
        y = X.sum(axis=1) / 40**0.5 + rng.normal(size=n) * (1 - p / 40 + 0.3) ** 0.5
        errors.append(np.sum((np.linalg.pinv(X) @ y - 40**-0.5) ** 2) + 1 - p / 40 + 0.3)
    exact = learning.weak_features_error(n, p, p / 40, 1 - p / 40, 0.3)
    assert abs(np.mean(errors) - exact) < 4 * np.std(errors) / 4000**0.5
    assert learning.weak_features_error(n, n + 1, 0.5, 0.5, 0.3) == np.inf


def test_dropout_is_ridge():
    """Mean over all 2^6 dropout masks of the loss = the loss + the stated penalty."""
    rng = np.random.default_rng(7)
    X, y, w, rate = rng.normal(size=(20, 6)), rng.normal(size=20), rng.normal(size=6), 0.3
    masks = (np.arange(64)[:, None] >> np.arange(6)) & 1
    probability = np.prod(np.where(masks, 1 - rate, rate), axis=1)
    # masks are drawn per row and feature; the loss is a sum over rows, so one row's masks at a time suffice
    loss = np.mean([(y - (X * mask / (1 - rate)) @ w) ** 2 for mask in masks], axis=1) @ probability
    expected = np.mean((y - X @ w) ** 2) + learning.dropout_penalty(X, rate) @ w**2
    assert loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("P", "N", "value"), [(15, 10, 0.91021729), (20, 10, 0.5), (40, 20, 0.5), (60, 20, 0.00432075)]
)
def test_cover(P, N, value):
    assert learning.separable_probability(P, N) == pytest.approx(value, abs=6e-9)
    assert learning.separable_probability(N, N) == 1


@pytest.mark.parametrize(("gamma", "edges"), [(0.25, (0.25, 2.25)), (0.5, (0.0857864376, 2.9142135624))])
def test_marchenko_pastur(gamma, edges):
    lower, upper = random_matrix.marchenko_pastur_edges(gamma)
    assert (lower, upper) == pytest.approx(edges, abs=6e-11)
    density = lambda x: random_matrix.marchenko_pastur_density(np.array([x]), gamma)[0]  # noqa: E731
    assert integrate.quad(density, lower, upper)[0] == pytest.approx(1, abs=1e-8)
    assert integrate.quad(lambda x: x * density(x), lower, upper)[0] == pytest.approx(1, abs=1e-8)


def test_spikes():
    for strength, expected in ((1.5, (2.1666667, 0.5555556)), (2, (2.5, 0.75)), (3, (3.3333333, 0.8888889))):
        assert random_matrix.wigner_spike(float(strength)) == pytest.approx(expected, abs=6e-8)
    for spike, gamma, expected in ((1, 0.5, (3.0, 1 / 3)), (2, 0.5, (3.75, 0.7)), (2, 1, (4.5, 0.5))):
        assert random_matrix.covariance_spike(float(spike), float(gamma)) == pytest.approx(expected, abs=1e-12)
    assert random_matrix.wigner_spike(0.9) == (2.0, 0.0)
    assert random_matrix.covariance_spike(0.7, 0.5).overlap2 == 0


def test_spike_simulation():
    """One covariance matrix, n = 1600, p = 800: fluctuations of n^(-1/2), 8 % allowed (more than 4 of their widths)."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(1600, 800))
    X[:, 0] *= np.sqrt(3)
    value, vector = np.linalg.eigh(X.T @ X / 1600)
    expected = random_matrix.covariance_spike(2.0, 0.5)
    assert value[-1] == pytest.approx(expected.eigenvalue, rel=0.12)
    assert vector[0, -1] ** 2 == pytest.approx(expected.overlap2, rel=0.12)


@pytest.mark.parametrize(
    ("K", "distortion", "outermost"),
    [
        (2, 0.3633802276, 0.79788456),
        (3, 0.1901740392, 1.22400636),
        (4, 0.1174818478, 1.51041761),
        (8, 0.0345477608, None),
    ],
)
def test_lloyd_max(K, distortion, outermost):
    centroid, value = quantization.lloyd_max(K)
    assert value == pytest.approx(distortion, abs=6e-11)
    np.testing.assert_allclose(centroid, -centroid[::-1], atol=1e-13)
    if outermost is not None:
        assert centroid[-1] == pytest.approx(outermost, abs=6e-9)
    if K == 4:
        assert centroid[2] == pytest.approx(0.45278003, abs=6e-9)


def test_information():
    one, four, zero = np.eye(1), 4 * np.eye(1), np.zeros(1)
    assert information.gaussian_entropy(one) == pytest.approx(1.4189385332, abs=6e-11)
    assert information.gaussian_entropy(0.05 * np.eye(10)) == pytest.approx(5 * np.log(2 * np.pi * np.e * 0.05))
    assert information.gaussian_kl(zero, one, zero + 1, four) == pytest.approx(0.4431471806, abs=6e-11)
    assert information.gaussian_kl(zero + 1, four, zero, one) == pytest.approx(1.3068528194, abs=6e-11)
    p = np.array([0.2, 0.8])
    assert 2 * information.jensen_shannon(p, p) - 2 * np.log(2) == pytest.approx(-1.3862943611, abs=6e-11)
    assert information.jensen_shannon(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(np.log(2))


def test_gaussian_kl_by_quadrature():
    p, q = stats.norm(0.3, 0.7), stats.norm(-0.2, 1.1)
    expected = integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -8, 8)[0]
    values = np.array([0.3]), np.array([[0.49]]), np.array([-0.2]), np.array([[1.21]])
    assert information.gaussian_kl(*values) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("separation", "error"), [(1, 0.3085), (2, 0.1587), (3, 0.0668), (5, 0.0062)])
def test_two_gaussians(separation, error):
    assert information.two_gaussian_error(float(separation)) == pytest.approx(error, abs=6e-5)
    assert information.bayes_accuracy_of_gaussians(2, float(separation)) == pytest.approx(
        1 - information.two_gaussian_error(float(separation)), abs=1e-10
    )


def test_counting_and_many_gaussians():
    assert information.poisson_auc(12.0, 8.0) == pytest.approx(0.8141298043, abs=6e-11)
    assert information.poisson_auc(25.0, 20.0) == pytest.approx(0.7716888843, abs=6e-11)
    assert information.poisson_auc(8.0, 12.0) == pytest.approx(1 - 0.8141298043, abs=6e-11)
    assert information.bayes_accuracy_of_gaussians(7, 0.0) == pytest.approx(1 / 7, abs=1e-10)
