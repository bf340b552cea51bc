# SPDX-License-Identifier: Apache-2.0
"""Linear regression and classes against other code, integrals, exact laws and the coverage of their errors."""

import numpy as np
import pytest
from scipy.stats import kstest, linregress, multivariate_normal, t
from sklearn.linear_model import LogisticRegression, Ridge

from isinglass.checks.calibration import coverage
from isinglass.exact.regression.linear_regression import ridge_bias_variance, separable_probability
from isinglass.inference import linear
from isinglass.inference.linear.class_fit import derivatives

RNG = np.random.default_rng(3)
N, P = 40, 3
X = RNG.normal(size=(N, P)) @ np.array([[1.0, 0.3, 0], [0, 2, 0], [0, 0, 1e-3]]) + 5
ERROR = RNG.uniform(0.5, 2, N)
Y = 3 + X @ [1.0, 2.0, 0.0] + ERROR * RNG.normal(size=N)
BOTH = pytest.mark.parametrize("error", [None, ERROR], ids=["unknown", "given"])


def least_squares(X, y, error=None):
    return linear.fit_gaussian(linear.decompose(X, y, error), 0.0)


def test_one_column_is_that_of_scipy():
    found, other = least_squares(X[:, :1], Y), linregress(X[:, 0], Y)
    assert found.coefficients[0] == pytest.approx(other.slope, rel=1e-12)  # pyright: ignore
    assert found.errors[0] == pytest.approx(other.stderr, rel=1e-12)  # pyright: ignore
    assert found.intercept_error == pytest.approx(other.intercept_stderr, rel=1e-12)  # pyright: ignore


def test_given_errors_are_those_of_the_normal_equations():
    """C = (A^T A)⁻¹ of rows divided by their errors."""
    found = least_squares(X, Y, ERROR)
    A = np.column_stack([X, np.ones(N)]) / ERROR[:, None]
    C = np.linalg.inv(A.T @ A)
    np.testing.assert_allclose([*found.coefficients, found.intercept], C @ A.T @ (Y / ERROR), rtol=1e-7)
    np.testing.assert_allclose([*found.errors, found.intercept_error], np.sqrt(np.diag(C)), rtol=1e-7)


def test_ridge_is_that_of_scikit_learn():
    of = linear.decompose(X, Y, None, standardize=False)
    np.testing.assert_allclose(linear.fit_gaussian(of, 0.7).coefficients, Ridge(alpha=0.7).fit(X, Y).coef_, rtol=1e-8)


@BOTH
def test_the_evidence_is_the_integral_over_the_intercept(error):
    """∫ N(y; b, σ² s² + τ² Z Z^T) db, by the trapezoidal rule."""
    of, penalty = linear.decompose(X, Y, error), 2.7
    noise = 1.0 if error is not None else of.noise(penalty) * of.unit**2
    Z, s = (X - of.center) / of.scale, np.ones(N) if error is None else error
    C = noise * np.diag(s**2) + noise / penalty * Z @ Z.T
    b = np.linspace(-60, 90, 2001)
    log_p = np.array([multivariate_normal.logpdf(Y - one, np.zeros(N), C) for one in b])
    exact = log_p.max() + np.log(np.trapezoid(np.exp(log_p - log_p.max()), b))
    assert of.log_evidence(penalty) == pytest.approx(exact, abs=1e-8)


def test_rows_left_out_one_by_one():
    of, penalty = linear.decompose(X, Y, None), 3.0
    A = np.column_stack([(X - of.center) / of.scale, np.ones(N)])
    prior, total = np.diag([penalty] * P + [0.0]), 0.0
    for i in range(N):
        k = np.arange(N) != i
        total += (Y[i] - A[i] @ np.linalg.solve(A[k].T @ A[k] + prior, A[k].T @ Y[k])) ** 2
    assert of.left_out(penalty) * of.unit**2 == pytest.approx(total, rel=1e-10)


def test_the_best_penalty_is_where_the_evidence_is_largest():
    of = linear.decompose(X, Y, None)
    found = linear.fit_gaussian(of, None)
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert of.log_evidence(found.penalty * factor) < found.log_evidence
    assert found.penalty_error > 0


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e40])
@pytest.mark.parametrize("penalty", [0.0, None])
def test_units_change_nothing_but_units(scale, penalty):
    one, other = (linear.fit_gaussian(linear.decompose(X * s, Y / s, None), penalty) for s in (1.0, scale))
    np.testing.assert_allclose(other.coefficients * scale**2, one.coefficients, rtol=1e-6)
    np.testing.assert_allclose(other.errors * scale**2, one.errors, rtol=1e-6)
    assert other.noise * scale == pytest.approx(one.noise)
    assert other.penalty == pytest.approx(one.penalty, rel=1e-5)


@pytest.mark.parametrize("sigmas", [1, 2])
def test_errors_of_least_squares_cover(sigmas):
    """Noise of σ, 400 seeds: 60 rows, so that Student's t differs little from a normal law."""
    found = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(60, 3)) @ np.array([[1, 0.8, 0], [0, 0.6, 0], [0, 0, 1]])
        fit = least_squares(x, 2 + x @ [0.3, -1.0, 0.0] + 0.5 * rng.normal(size=60))
        noise = (fit.noise**2, fit.noise**2 * (2 / fit.freedom) ** 0.5, 0.25)
        found.append([(fit.coefficients[0], fit.errors[0], 0.3), (fit.intercept, fit.intercept_error, 2.0), noise])
    for value, error, exact in np.array(found).transpose(1, 2, 0):
        assert coverage(value, error, exact[0], sigmas=sigmas).verdict == "pass"
    noise2 = np.array(found)[:, 2, 0]
    assert abs(noise2.mean() - 0.25) < 4 * noise2.std() / 20  # σ² without bias


@pytest.mark.parametrize("sigmas", [1, 2])
@pytest.mark.parametrize("known", [True, False], ids=["known", "found"])
def test_errors_of_ridge_cover_what_the_prior_draws(sigmas, known):
    """30 rows, 40 columns, w ~ N(0, τ²): without the error of λ, those of a found one are too small."""
    off = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=(30, 40)), rng.normal(size=40)
        y = x @ w + 2 * rng.normal(size=30)
        fit = linear.fit_gaussian(linear.decompose(x, y, None, intercept=False, standardize=False),
                                  4.0 if known else None)  # fmt: skip
        if not fit.edge:
            off.append((fit.coefficients - w) / fit.errors)
    share = (np.abs(np.array(off)) <= sigmas).mean(axis=1)
    exact, error = {1: 0.6827, 2: 0.9545}[sigmas], share.std() / len(share) ** 0.5
    assert abs(share.mean() - exact) < 4 * error + (0.005 if known else 0.04)


def test_ridge_bias_and_variance_are_exact():
    """Bias² + variance of the closed form, by 400 draws of the noise at one X (λ/n in the convention of `exact`)."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(30, 10)), rng.normal(size=10)
    found = np.array([
        linear.fit_gaussian(linear.decompose(x, x @ w + rng.normal(size=30), None, intercept=False, standardize=False),
                            5.0).coefficients for _ in range(400)])  # fmt: skip
    bias2, variance = ridge_bias_variance(x, w, 5.0 / 30, 1.0)
    assert found.var(axis=0).sum() == pytest.approx(variance, rel=0.1)
    assert np.sum((found.mean(axis=0) - w) ** 2) == pytest.approx(bias2 + variance / 400, rel=0.15)


def test_each_held_out_row_is_predicted_from_those_before():
    """By fits that are made again for every row."""
    fit, score = least_squares(X[:20], Y[:20]), []
    for j in range(20, N):
        one = least_squares(X[:j], Y[:j])
        A = np.column_stack([X[:j] - 5, np.ones(j)])
        a = np.append(X[j] - 5, 1.0)
        s = one.noise * (1 + a @ np.linalg.inv(A.T @ A) @ a) ** 0.5
        score.append(t.cdf((Y[j] - one.predict(X[j : j + 1])[0]) / s, one.freedom))
    found = linear.innovations(fit, X[20:], Y[20:], None)
    np.testing.assert_allclose(found.pit, score, rtol=1e-6)


@pytest.mark.parametrize(("n", "p", "penalty"), [(12, 4, 0.0), (12, 30, 9.0)])
def test_predictive_laws_are_uniform_and_independent_for_few_rows(n, p, penalty):
    """6 fitted rows (of 30 columns: w of the prior), 400 seeds: exact."""
    pit = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(n, p))
        y = x @ rng.normal(size=p) + 3 * rng.normal(size=n)
        fit = linear.fit_gaussian(linear.decompose(x[:6], y[:6], None, intercept=False, standardize=False), penalty)
        pit.append(linear.innovations(fit, x[6:], y[6:], None).pit)
    pit = np.array(pit)
    assert kstest(pit.ravel(), "uniform").pvalue > 1e-4
    for j in range(n - 7):
        assert abs(np.corrcoef(pit[:, j], pit[:, j + 1])[0, 1]) < 4 / 20
        assert abs(np.corrcoef((pit[:, j] - 0.5) ** 2, (pit[:, j + 1] - 0.5) ** 2)[0, 1]) < 4 / 20


def test_fewer_rows_than_columns_give_the_shortest_solution():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 50)), rng.normal(size=20)
    of = linear.decompose(x, y, None, intercept=False, standardize=False)
    fit = linear.fit_gaussian(of, 0.0)
    np.testing.assert_allclose(fit.coefficients, np.linalg.pinv(x) @ y, rtol=1e-8)
    assert np.isnan(fit.errors).all()
    assert np.isinf(fit.condition)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("penalty", [0.0, 2.0])
def test_derivatives_of_the_loss_of_classes(K, penalty):
    """By differences, of the loss itself; at the fitted coefficients the gradient is 0."""
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(50, 2)), rng.integers(0, K, 50)
    A, theta = np.column_stack([z, np.ones(50)]), 0.3 * rng.normal(size=(K - 1, 3))

    def loss(flat):
        w = np.concatenate([np.zeros((1, 3)), flat.reshape(K - 1, 3)])
        odds = A @ w.T
        fit = -(odds[np.arange(50), y] - np.log(np.exp(odds).sum(axis=1))).sum()
        return fit + penalty / 2 * (np.sum(w[1:, :2] ** 2) if K == 2 else np.sum((w - w.mean(axis=0))[:, :2] ** 2))

    g, H = derivatives(z, y, theta, penalty, K)
    steps = 1e-5 * np.eye(theta.size)
    by = [(loss(theta.ravel() + e) - loss(theta.ravel() - e)) / 2e-5 for e in steps]
    np.testing.assert_allclose(g, by, rtol=1e-6, atol=1e-6)
    by = [(derivatives(z, y, (theta.ravel() + e).reshape(theta.shape), penalty, K)[0] - g) / 1e-5 for e in steps]
    np.testing.assert_allclose(H, by, rtol=1e-3, atol=1e-3)
    assert linear.fit_classes(z, y, penalty).decrement < 1e-10


def test_two_classes_are_those_of_scikit_learn_by_another_solver():
    rng = np.random.default_rng(0)
    y = (rng.random(N) < 0.5).astype(int)
    other = LogisticRegression(C=1 / 0.5, tol=1e-12, max_iter=10_000).fit(X, y)
    found = linear.fit_classes(X, y, 0.5, standardize=False)
    np.testing.assert_allclose(found.coefficients, other.coef_, rtol=1e-4)


@pytest.mark.parametrize("sigmas", [1, 2])
@pytest.mark.parametrize("K", [2, 3])
def test_errors_of_classes_cover(K, sigmas):
    """300 seeds, 600 rows: log odds against the first class."""
    w, found = np.array([[0.0, 0.0], [1.0, -0.5], [0.5, 1.0]])[:K], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(600, 2)) + 1
        odds = x @ w.T + np.arange(K)[None] * 0.3
        y = (odds + rng.gumbel(size=odds.shape)).argmax(axis=1)
        fit = linear.fit_classes(x, y)
        found.append([(fit.coefficients[-1, 0], fit.errors[-1, 0], w[-1, 0]),
                      (fit.intercept[-1], fit.intercept_error[-1], 0.3 * (K - 1))])  # fmt: skip
    for value, error, exact in np.array(found).transpose(1, 2, 0):
        assert coverage(value, error, exact[0], sigmas=sigmas).verdict == "pass"


@pytest.mark.parametrize("rows", [15, 20, 26])
def test_separability_has_the_probability_of_cover(rows):
    """Random labels, 9 columns and the intercept: N = 10 in Cover's formula.  300 tries, 4.5 errors."""
    found = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, rows)
        y[:2] = 0, 1
        found.append(linear.separable(rng.normal(size=(rows, 9)), y))
    exact = separable_probability(rows, 10)
    assert abs(np.mean(found) - exact) < 4.5 * (exact * (1 - exact) / 300) ** 0.5 + 0.01


def test_separability_of_many_rows_and_of_three_classes():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5000, 2))
    noisy = (x[:, 0] + 0.3 * rng.normal(size=5000) > 0).astype(int)
    assert not linear.separable(x, noisy)
    assert linear.separable(x, (x[:, 0] > 0).astype(int))
    three = np.where(x[:, 1] > 0, noisy, 2)
    assert linear.separable(x, three)  # class 2 from the others, which overlap
    almost = (x[:, 0] > 0).astype(int)
    x[0] = [0.5, 0.0]
    x[1] = [0.5, 0.0]
    almost[:2] = 0, 1  # on both sides: only rows off the plane x = 0.5 ...
    assert not linear.separable(np.concatenate([x, [[0.1, 0], [0.9, 0]]]), np.append(almost, [1, 0]))
