# SPDX-License-Identifier: Apache-2.0
"""Weighted linear least squares with errors, for extrapolations in 1/L and slopes of power laws.

Errors of y are taken as known (absolute); χ² says whether they were.  Textbook: Press et al., Numerical Recipes, 15.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import gammaincc
from jaxtyping import Array, Float

__all__ = ["LinearFit", "linear_fit", "polynomial_fit", "power_law_fit"]


class LinearFit(NamedTuple):
    """Coefficients of y ≈ A a, lowest power first where these are powers."""

    coefficients: Float[Array, " p"]
    errors: Float[Array, " p"]
    covariance: Float[Array, "p p"]
    chi2: Float[Array, ""]
    p_value: Float[Array, ""]  # probability of a larger chi2 if model and errors are right; 1 without freedom


def linear_fit(A: Float[Array, "n p"], y: Float[Array, " n"], error: Float[Array, " n"]) -> LinearFit:
    """Minimum of χ² = Σ (y_i - (A a)_i)² / σ_i², covariance (A^T σ^-2 A)^-1, by QR of A/σ.

    Law: exact data give exact coefficients; residuals orthogonal to the columns of A/σ.
    """
    n, p = A.shape
    q, r = jnp.linalg.qr(A / error[:, None])
    coefficients = solve_triangular(r, q.T @ (y / error))
    inverse = solve_triangular(r, jnp.eye(p, dtype=A.dtype))
    covariance = inverse @ inverse.T
    chi2 = jnp.sum(((y - A @ coefficients) / error) ** 2)
    p_value = gammaincc((n - p) / 2, chi2 / 2) if n > p else jnp.ones_like(chi2)
    return LinearFit(coefficients, jnp.sqrt(jnp.diag(covariance)), covariance, chi2, p_value)


def polynomial_fit(x: Float[Array, " n"], y: Float[Array, " n"], error: Float[Array, " n"], degree: int) -> LinearFit:
    """Polynomial y ≈ Σ_k a_k x^k: with x = 1/L and degree 1, a_0 is the extrapolation to the infinite lattice."""
    return linear_fit(jnp.vander(x, degree + 1, increasing=True), y, error)


def power_law_fit(x: Float[Array, " n"], y: Float[Array, " n"], error: Float[Array, " n"]) -> LinearFit:
    """Power law ln y ≈ a_0 + a_1 ln x with errors σ/y: a_1 is the exponent.  x, y > 0 and σ well below y."""
    return polynomial_fit(jnp.log(x), jnp.log(y), error / y, 1)
