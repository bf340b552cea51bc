# SPDX-License-Identifier: Apache-2.0
"""The first thing to try: u = A z + b with normal residuals, by least squares with a small ridge."""

import numpy as np
from jaxtyping import Float

__all__ = ["linear_log_prob"]

RIDGE = 1e-6


def linear_log_prob(
    u: Float[np.ndarray, "n d"], z: Float[np.ndarray, "n m"], u_held: Float[np.ndarray, "k d"],
    z_held: Float[np.ndarray, "k m"],
) -> Float[np.ndarray, " k"]:  # fmt: skip
    """ln N(u; A z + b, C) of held-out pairs; A, b and C, the covariance of the residuals, of the others."""
    ones = lambda a: np.concatenate([a, np.ones((len(a), 1))], axis=1).astype(float)  # noqa: E731
    Z, u = ones(z), u.astype(float)
    A = np.linalg.solve(Z.T @ Z + RIDGE * len(Z) * np.eye(Z.shape[1]), Z.T @ u)
    d, rest = u.shape[1], u - Z @ A
    C = rest.T @ rest / max(1, len(Z) - Z.shape[1]) + RIDGE * np.eye(d)
    off = u_held - ones(z_held) @ A
    quadratic = np.einsum("ki,ij,kj->k", off, np.linalg.inv(C), off)
    return -0.5 * (quadratic + np.linalg.slogdet(C)[1] + d * np.log(2 * np.pi))
