# SPDX-License-Identifier: Apache-2.0
"""Probabilistic principal components, x = W z + μ + σ ξ, z and ξ standard normal: maximum likelihood in closed form.

λ_1 ≥ ... ≥ λ_D are the eigenvalues of the covariance (1/n) Σ (x - μ)(x - μ)ᵀ of the rows, d the number of latents.
The linear variational autoencoder has the same optimum, where its bound is the log likelihood.
Refs: Tipping and Bishop 1999, doi:10.1111/1467-9868.00196; Lucas et al. 2019, arXiv:1911.02469.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["LinearOptimum", "linear_optimum", "log_likelihood", "maximum_likelihood", "principal_angle",
           "reconstruction_error"]  # fmt: skip

Eigenvalues = Float[np.ndarray, " D"]


class LinearOptimum(NamedTuple):
    """The best linear model of weight β on the divergence of its latents."""

    active: int  # latents that are used, a
    noise: float  # σ²
    squared_weights: Float[np.ndarray, " d"]  # |w_j|², of orthogonal columns of W
    divergences: Float[np.ndarray, " d"]  # <KL(q(z_j|x) | N(0, 1))>, nat
    objective: float  # <ln p(x|z)> - β KL, mean over the rows, nat


def linear_optimum(eigenvalues: Eigenvalues, d: int, beta: float = 1.0) -> LinearOptimum:
    """Maximum over W, σ² and q of <ln p(x|z)>_q - β KL(q | N(0, 1)); at β = 1 of the log likelihood.

    With a latents in use σ² = Σ_{i>a} λ_i / (D - β a), |w_j|² = λ_j - βσ², KL_j = ½ ln(λ_j/βσ²): those with
    λ_j ≤ βσ² are pruned.  Found by trying a = 0, ..., d.
    Errors: ValueError where no a has a finite optimum, β a ≥ D or no eigenvalue left.
    """
    lam, D = np.sort(np.asarray(eigenvalues, float))[::-1], len(eigenvalues)
    found = [optimum_of(lam, a, d, beta) for a in range(d + 1) if D > beta * a and lam[a:].sum() > 0]
    found = [f for f in found if (lam[: f.active] > beta * f.noise).all()]
    if not found:
        raise ValueError(f"expected β a < D = {D} and eigenvalues above 0; found β = {beta}, d = {d}; choose others.")
    return max(found, key=lambda f: f.objective)


def optimum_of(lam: Eigenvalues, a: int, d: int, beta: float) -> LinearOptimum:
    """That of the first a latents alone."""
    D = len(lam)
    noise = lam[a:].sum() / (D - beta * a)
    weights, kl = np.zeros(d), np.zeros(d)
    weights[:a], kl[:a] = lam[:a] - beta * noise, 0.5 * np.log(lam[:a] / (beta * noise))
    explained = a * beta * noise + lam[a:].sum()  # <|x - W z|²>
    return LinearOptimum(
        a,
        float(noise),
        weights,
        kl,
        float(-0.5 * D * np.log(2 * np.pi * noise) - 0.5 * explained / noise - beta * kl.sum()),
    )


def maximum_likelihood(covariance: Float[np.ndarray, "D D"], d: int) -> tuple[Float[np.ndarray, "D d"], float]:
    """W = U (Λ - σ²)^½ of the first d components, and σ² = Σ_{i>d} λ_i / (D - d).  Law: W is free up to a rotation."""
    lam, U = np.linalg.eigh(covariance)
    lam, U = lam[::-1], U[:, ::-1]
    noise = float(lam[d:].mean())
    return U[:, :d] * np.sqrt(lam[:d] - noise), noise


def log_likelihood(
    covariance: Float[np.ndarray, "D D"],
    W: Float[np.ndarray, "D d"],
    noise: float,
    off: Float[np.ndarray, " D"] | float = 0.0,
) -> float:
    """Mean ln N(x; m, WWᵀ + σ²) of rows whose covariance is given and whose mean is off m by `off`, nat."""
    D = len(covariance)
    C = W @ W.T + noise * np.eye(D)
    shift = np.broadcast_to(np.asarray(off, float), (D,))
    second = covariance + np.outer(shift, shift)
    return float(-0.5 * (D * np.log(2 * np.pi) + np.linalg.slogdet(C)[1] + np.trace(np.linalg.solve(C, second))))


def reconstruction_error(eigenvalues: Eigenvalues, d: int) -> float:
    """Least <|x - decode(encode(x))|²> of a linear autoencoder, Σ_{i>d} λ_i.

    Ref: Baldi and Hornik 1989, doi:10.1016/0893-6080(89)90014-2.
    """
    return float(np.sort(np.asarray(eigenvalues, float))[::-1][d:].sum())


def principal_angle(W: Float[np.ndarray, "D d"], V: Float[np.ndarray, "D d"]) -> float:
    """Largest angle between the spaces of the columns, radian."""
    from scipy.linalg import subspace_angles

    return float(subspace_angles(W, V).max())
