# SPDX-License-Identifier: Apache-2.0
"""Fisher information F_ij = -<∂² ln p/∂θ_i ∂θ_j>: no unbiased estimate of θ has a covariance below F⁻¹.

Ref: Tegmark, Taylor and Heavens 1997, astro-ph/9603021.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError

__all__ = ["cramer_rao", "normal_fisher", "spectral_fisher"]

Matrix = Float[np.ndarray, "d d"]


def spectral_fisher(log_power: Callable[..., Any], theta: Any) -> Matrix:
    """F = ½ Σ_k ∂ln P/∂θ_i ∂ln P/∂θ_j of independent real modes x_k ~ N(0, P_k), log_power(theta) = ln P [modes].

    Law: F does not change if P is multiplied by a number without θ.
    """
    J = np.asarray(jax.jacfwd(log_power)(jnp.asarray(theta, float)))
    return 0.5 * J.T @ J


def normal_fisher(model: Callable[..., Any], theta: Any, covariance: Float[np.ndarray, "m m"]) -> Matrix:
    """F = (∂μ/∂θ)ᵀ C⁻¹ (∂μ/∂θ) of data N(μ(θ), C), C without θ."""
    J = np.asarray(jax.jacfwd(model)(jnp.asarray(theta, float)))
    return J.T @ np.linalg.solve(np.asarray(covariance), J)


def cramer_rao(fisher: Matrix) -> Float[np.ndarray, " d"]:
    """σ_i = ((F⁻¹)_ii)^½, the other parameters not known; with them known it is F_ii^(-½).

    Errors: InputError for an F that is not positive: some parameters change the data in one and the same way.
    """
    F = np.asarray(fisher, float)
    scale = np.sqrt(np.abs(np.diag(F))) + 1e-300
    if np.linalg.eigvalsh(F / np.outer(scale, scale)).min() < 1e-12:
        found = "a direction of them that changes nothing"
        raise InputError("parameters that change the data", found, "leave one of them out, or give a prior")
    return np.sqrt(np.diag(np.linalg.inv(F)))
