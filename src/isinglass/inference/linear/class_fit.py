# SPDX-License-Identifier: Apache-2.0
"""P(class k given x) = softmax_k(b_k + x·w_k): logistic (two classes) and softmax regression, by scikit-learn.

Coefficients are log odds against the first class, w_k - w_0.  Loss -Σ_i ln P(y_i given x_i) + λ/2 |w|² of standardized
columns, with λ = 1/τ² and, for more than two classes, |w|² over all of them; λ = 0 unless asked.
Errors by Laplace: the inverse of the second derivative at the minimum.  MacKay 1992, doi:10.1162/neco.1992.4.5.720.
Cost: (K p)² n for each step of Newton.
"""

import warnings
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.special import log_softmax, softmax

__all__ = ["ClassFit", "fit_classes", "most_confident"]

STEPS = 200


class ClassFit(NamedTuple):
    """Log odds against the first class, in the user's units."""

    coefficients: np.ndarray  # [K - 1, p]
    errors: np.ndarray
    intercept: np.ndarray  # [K - 1]
    intercept_error: np.ndarray
    penalty: float
    covariance: np.ndarray  # of the standardized (w, b) of each class but the first, one after the other
    center: np.ndarray
    scale: np.ndarray
    decrement: float  # g^T C g: squared distance to the minimum, in errors

    def design(self, X: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n q"]:
        """Standardized columns, and a 1."""
        return np.concatenate([(X - self.center) / self.scale, np.ones((len(X), 1))], axis=1)

    def odds(self, X: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n K"]:
        """Log odds of all classes; 0 of the first."""
        at_center = self.intercept + self.coefficients @ self.center
        rest = at_center + (X - self.center) @ self.coefficients.T
        return np.concatenate([np.zeros((len(X), 1)), rest], axis=1)

    def probabilities(self, X: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n K"]:
        """P(class given x) at the fitted coefficients."""
        return np.asarray(softmax(self.odds(X), axis=1))


def fit_classes(
    X: Float[np.ndarray, "n p"], y: Int[np.ndarray, " n"], penalty: float = 0.0, *, standardize: bool = True
) -> ClassFit:
    """The minimum by Newton's method of scikit-learn; y from 0 to K - 1."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    center = X.mean(axis=0)
    scale = X.std(axis=0) if standardize else np.ones(X.shape[1])
    scale = np.where(scale > 0, scale, 1.0)
    Z, K = (X - center) / scale, int(y.max()) + 1
    model = LogisticRegression(C=np.inf if penalty == 0 else 1 / penalty, solver="newton-cholesky", tol=1e-10,
                               max_iter=STEPS)  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # `decrement` says how far from the minimum it is
        warnings.simplefilter("ignore", RuntimeWarning)
        model.fit(Z, y)
    W, b = (model.coef_, model.intercept_) if K == 2 else (model.coef_[1:] - model.coef_[0],
                                                           model.intercept_[1:] - model.intercept_[0])  # fmt: skip
    g, H = derivatives(Z, y, np.concatenate([W, b[:, None]], axis=1), penalty, K)
    C = np.linalg.pinv(H, hermitian=True)
    q = Z.shape[1] + 1
    each = np.stack([np.diag(C)[k * q : k * q + q - 1] for k in range(K - 1)])
    back = np.concatenate([-center / scale, [1.0]])  # of the intercept in the user's units
    of_b = np.array([back @ C[k * q : (k + 1) * q, k * q : (k + 1) * q] @ back for k in range(K - 1)])
    W = W / scale
    return ClassFit(W, np.sqrt(each) / scale, b - W @ center, np.sqrt(of_b), penalty, C, center, scale,
                    float(g @ C @ g))  # fmt: skip


def derivatives(
    Z: Float[np.ndarray, "n p"], y: Int[np.ndarray, " n"], theta: Float[np.ndarray, "k q"], penalty: float, K: int
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and second derivative of the loss by (w, b) of each class but the first."""
    A = np.concatenate([Z, np.ones((len(Z), 1))], axis=1)
    q = A.shape[1]
    p = np.exp(log_softmax(np.concatenate([np.zeros((len(A), 1)), A @ theta.T], axis=1), axis=1))[:, 1:]
    prior = penalty * (np.eye(K - 1) - (0 if K == 2 else 1 / K))  # of differences to the first class
    alone = np.diag([1.0] * (q - 1) + [0.0])  # no penalty on the intercept
    g = (p - (y[:, None] == np.arange(1, K))).T @ A + prior @ theta @ alone
    H = np.kron(prior, alone)
    for k in range(K - 1):
        for j in range(k, K - 1):
            part = (A * (p[:, k] * ((j == k) - p[:, j]))[:, None]).T @ A
            H[k * q : (k + 1) * q, j * q : (j + 1) * q] += part
            if j > k:
                H[j * q : (j + 1) * q, k * q : (k + 1) * q] += part
    return g.ravel(), H


def most_confident(p: Float[np.ndarray, "n K"]) -> Int[np.ndarray, " n"]:
    """The class of largest probability."""
    return p.argmax(axis=1)
