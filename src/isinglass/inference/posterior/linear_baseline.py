# SPDX-License-Identifier: Apache-2.0
"""The first thing to try: u = A z + b with normal residuals, by least squares with a small ridge."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["LinearRegression", "linear_contrast", "linear_log_prob", "linear_regression"]

RIDGE = 1e-6


class LinearRegression(NamedTuple):
    """N(u; A z + b, C)."""

    A: Float[np.ndarray, "d m"]
    b: Float[np.ndarray, " d"]
    C: Float[np.ndarray, "d d"]

    def log_prob(self, u: Float[np.ndarray, "k d"], z: Float[np.ndarray, "k m"]) -> Float[np.ndarray, " k"]:
        """ln N of every row."""
        off = u.astype(float) - z.astype(float) @ self.A.T - self.b
        quadratic = np.einsum("ki,ij,kj->k", off, np.linalg.inv(self.C), off)
        return -0.5 * (quadratic + np.linalg.slogdet(self.C)[1] + len(self.b) * np.log(2 * np.pi))


def linear_regression(u: Float[np.ndarray, "n d"], z: Float[np.ndarray, "n m"]) -> LinearRegression:
    """A, b, and C, the covariance of the residuals."""
    Z, u = np.concatenate([z, np.ones((len(z), 1))], axis=1).astype(float), u.astype(float)
    W = np.linalg.solve(Z.T @ Z + RIDGE * len(Z) * np.eye(Z.shape[1]), Z.T @ u)
    rest = u - Z @ W
    C = rest.T @ rest / max(1, len(Z) - Z.shape[1]) + RIDGE * np.eye(u.shape[1])
    return LinearRegression(W[:-1].T, W[-1], C)


def linear_log_prob(
    u: Float[np.ndarray, "n d"], z: Float[np.ndarray, "n m"], u_held: Float[np.ndarray, "k d"],
    z_held: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, " k"]:  # fmt: skip
    """ln N(u; A z + b, C) of held-out pairs; A, b and C of the others."""
    return linear_regression(u, z).log_prob(u_held, z_held)


def linear_contrast(
    u: Float[np.ndarray, "n d"], z: Float[np.ndarray, "n m"], u_held: Float[np.ndarray, "k d"],
    z_held: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, " k"]:  # fmt: skip
    """ln r_ii - ln (1/k) Σ_j r_ij of held-out pairs, r_ij = N(u_j; A z_i + b, C)/N(u_j; mean, covariance)."""
    of, alone = linear_regression(u, z), linear_regression(u, np.zeros((len(u), 0)))
    k = len(u_held)
    prior = alone.log_prob(u_held, np.zeros((k, 0)))
    f = np.stack([of.log_prob(u_held, np.broadcast_to(row, z_held.shape)) - prior for row in z_held])
    return np.diag(f) - np.logaddexp.reduce(f, axis=1) + np.log(k)
