# SPDX-License-Identifier: Apache-2.0
"""Exponents from the linear map of couplings by one blocking, near its fixed point.

∂<S'_a>/∂K_b = Σ_c ∂<S'_a>/∂K'_c T_cb with T_cb = ∂K'_c/∂K_b, and a derivative of a mean is a covariance:
cov(S', S) = cov(S', S') T.  An eigenvalue λ > 1 of T has the exponent y = ln λ/ln b.
Ref: Swendsen 1979, doi:10.1103/PhysRevLett.42.859.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

__all__ = ["ProductMoments", "leading_exponent", "moments"]


class ProductMoments(NamedTuple):
    """Sums over the rows of each group: of 1, S', S, S' S'ᵀ and S' Sᵀ."""

    rows: Float[np.ndarray, " g"]
    coarse: Float[np.ndarray, "g a"]
    fine: Float[np.ndarray, "g b"]
    coarse_coarse: Float[np.ndarray, "g a a"]
    coarse_fine: Float[np.ndarray, "g a b"]


def moments(
    coarse: Float[np.ndarray, "n a"], fine: Float[np.ndarray, "n b"], group: Int[np.ndarray, " n"]
) -> ProductMoments:
    """Sums by group; the products are taken from their mean first, which covariances do not depend on."""
    at = [group == g for g in np.unique(group)]
    coarse, fine = coarse - coarse.mean(axis=0), fine - fine.mean(axis=0)
    return ProductMoments(
        np.array([m.sum() for m in at], float), np.stack([coarse[m].sum(axis=0) for m in at]),
        np.stack([fine[m].sum(axis=0) for m in at]), np.stack([coarse[m].T @ coarse[m] for m in at]),
        np.stack([coarse[m].T @ fine[m] for m in at]),
    )  # fmt: skip


def leading_exponent(
    sums: ProductMoments, weights: Float[np.ndarray, "draw g"], scale: int
) -> Float[np.ndarray, " draw"]:
    """y = ln λ/ln b of the largest eigenvalue of T, for each draw of weights of the groups; NaN unless λ is above 0."""
    n, s, f = weights @ sums.rows, weights @ sums.coarse, weights @ sums.fine
    C = np.tensordot(weights, sums.coarse_coarse, 1) - s[:, :, None] * s[:, None, :] / n[:, None, None]
    D = np.tensordot(weights, sums.coarse_fine, 1) - s[:, :, None] * f[:, None, :] / n[:, None, None]
    try:
        value = np.linalg.eigvals(np.linalg.solve(C, D))
    except np.linalg.LinAlgError:  # products that do not fluctuate
        return np.full(len(weights), np.nan)
    top = np.take_along_axis(value, value.real.argmax(axis=1)[:, None], 1)[:, 0]
    real = (top.real > 0) & (np.abs(top.imag) < 1e-9 * np.abs(top.real))  # noqa: PLR2004
    return np.where(real, np.log(np.where(real, top.real, 1.0)) / np.log(scale), np.nan)
