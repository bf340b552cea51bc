# SPDX-License-Identifier: Apache-2.0
"""y = b + x·w + σ s ε, ε ~ N(0, 1): least squares, and ridge as the posterior under w ~ N(0, τ²) in closed form.

Convention, everywhere in this folder: loss Σ_i (y_i - b - x_i·w)²/s_i² + λ |w|², so that λ = σ²/τ²; without a 1/n.
Columns are standardized (τ is per standard deviation of a column), b has a flat prior and no penalty, s_i = 1 where
errors of y are not known.  Ref: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634; MacKay 1992,
doi:10.1162/neco.1992.4.3.415 (evidence).  Cost: n p min(n, p), once for all λ.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize_scalar

__all__ = ["Decomposition", "GaussianFit", "decompose", "fit_gaussian"]

GRID = np.linspace(-12, 8, 161)  # log10 of λ, in units of the largest eigenvalue of Z^T Z
STEP = 0.1  # of ln λ, for the curvature of the evidence


class Decomposition(NamedTuple):
    """Rows divided by their errors, columns in standard units, Z = U d V^T, t = U u + what no column explains."""

    d: np.ndarray  # singular values that are not rounding [k]
    U: np.ndarray  # [n, k]
    V: np.ndarray  # [p, k]
    t: np.ndarray  # target [n]
    weight: np.ndarray  # 1/s [n]
    center: np.ndarray  # of the columns [p]
    scale: np.ndarray  # of the columns [p]
    middle: float  # of the target
    unit: float  # of the target
    intercept: bool
    known: bool  # whether σ = 1, since errors of y are given

    @property
    def free(self) -> int:
        """Numbers that are left of y by a flat intercept."""
        return len(self.t) - self.intercept

    @property
    def residual(self) -> float:
        """|t|² that no column explains."""
        return float(np.sum((self.t - self.U @ (self.U.T @ self.t)) ** 2))

    def quadratic(self, penalty: float) -> float:
        """Q(λ) = |t - U u|² + Σ u² λ/(λ + d²) = σ² χ²: the exponent of the evidence."""
        u = self.U.T @ self.t
        return self.residual + float(np.sum(u**2 * penalty / (penalty + self.d**2)))

    def noise(self, penalty: float) -> float:
        """σ² in the units of t: Q/m under the prior, |t - U u|²/(n - k - 1) without one; both without bias."""
        if self.known:
            return 1 / self.unit**2
        free = self.free - (0 if penalty else len(self.d))
        return self.quadratic(penalty) / free if free > 0 else np.nan

    def log_evidence(self, penalty: float) -> float:
        """ln ∫ p(y | w, b) p(w) dw db, y in the user's units; where σ² is not known, at the one that maximizes it."""
        m, noise = self.free, self.noise(penalty)
        value = -0.5 * (m * np.log(2 * np.pi * noise) + self.quadratic(penalty) / noise)
        value -= 0.5 * np.sum(np.log1p(self.d**2 / penalty)) + m * np.log(self.unit)
        return float(value + np.sum(np.log(self.weight)) - self.intercept * 0.5 * np.log(np.sum(self.weight**2)))

    def left_out(self, penalty: float) -> float:
        """Σ_i e_i²/(1 - h_i)²: squared errors of rows left out one by one (Allen 1974, PRESS)."""
        shrink = self.d**2 / (self.d**2 + penalty)
        h = (self.U**2) @ shrink + self.intercept * self.weight**2 / np.sum(self.weight**2)
        e = self.t - self.U @ (shrink * (self.U.T @ self.t))
        return float(np.sum((e / (1 - h)) ** 2))


class GaussianFit(NamedTuple):
    """Coefficients in the user's units, and what is needed to predict."""

    coefficients: np.ndarray  # [p]
    errors: np.ndarray  # [p], nan where they are not determined
    intercept: float
    intercept_error: float
    noise: float  # σ, in units of y; of the given errors where these are known
    freedom: float  # ν of σ²; inf where σ is known
    penalty: float  # λ = σ²/τ²; 0: least squares
    penalty_error: float  # nan where there is none
    edge: int  # -1 or 1: the λ looked for is at the lower or the upper end of its range
    log_evidence: float  # nan without a prior
    chi2: float  # Σ e²/s²
    rank: int
    condition: float  # largest by smallest singular value of the standardized columns
    center: np.ndarray
    scale: np.ndarray
    standard: np.ndarray  # P [p, p], covariance of the coefficients of standardized columns by σ²
    level: float  # variance of the target at the center, by σ²
    known: bool

    def predict(self, X: Float[np.ndarray, "n p"]) -> Float[np.ndarray, " n"]:
        """b + x·w, by the center: no digits are lost where columns are far from 0."""
        at_center = self.intercept + self.center @ self.coefficients
        return at_center + (X - self.center) @ self.coefficients

    def leverage(self, X: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n n"]:
        """Covariance of b + x·w of several rows, by σ²."""
        z = (X - self.center) / self.scale
        return z @ self.standard @ z.T + self.level


def decompose(
    X: Float[np.ndarray, "n p"], y: Float[np.ndarray, " n"], error: Float[np.ndarray, " n"] | None, *,
    intercept: bool = True, standardize: bool = True,
) -> Decomposition:  # fmt: skip
    """The singular values of the standardized columns, weighted by the errors of y."""
    n, p = X.shape
    weight = np.ones(n) if error is None else 1 / error
    share = (weight / weight.max()) ** 2
    share /= share.sum()
    mean = lambda a: share @ a if intercept else 0.0 * a[0]  # noqa: E731
    center, middle = mean(X), float(mean(y))
    off = X - center
    largest = filled(np.abs(off).max(axis=0))
    scale = filled(largest * np.sqrt(share @ (off / largest) ** 2)) if standardize else np.ones(p)
    unit = float(np.abs(y - middle).max()) or 1.0
    U, d, Vt = np.linalg.svd(weight[:, None] * off / scale, full_matrices=False)
    kept = d > 10 * np.finfo(float).eps * max(n, p) * d[0]
    t = weight * (y - middle) / unit
    return Decomposition(d[kept], U[:, kept], Vt[kept].T, t, weight, center, scale, middle, unit, intercept,
                         error is not None)  # fmt: skip


def filled(a: Float[np.ndarray, "*p"]) -> np.ndarray:
    """1 in place of 0: a column that is constant in some of the rows."""
    return np.where(a > 0, a, 1.0)


def best_penalty(of: Decomposition, score: Callable[[float], float]) -> tuple[float, int]:
    """The λ of largest score, and whether it is at an end of its range."""
    top = 2 * np.log(of.d[0])
    at = top + np.log(10) * GRID
    values = np.array([score(float(np.exp(a))) for a in at])
    best = int(np.argmax(np.where(np.isfinite(values), values, -np.inf)))
    if best in (0, len(at) - 1):
        return float(np.exp(at[best])), -1 if best == 0 else 1
    found = minimize_scalar(lambda a: -score(float(np.exp(a))), bounds=(at[best - 1], at[best + 1]), method="bounded")
    return float(np.exp(found.x)), 0  # pyright: ignore[reportAttributeAccessIssue]


def penalty_error(of: Decomposition, penalty: float) -> float:
    """λ / √(-d² ln Z/d(ln λ)²); nan where the evidence has no maximum there."""
    at = [of.log_evidence(penalty * np.exp(k * STEP)) for k in (-1, 0, 1)]
    curvature = -(at[0] - 2 * at[1] + at[2]) / STEP**2
    return penalty / curvature**0.5 if curvature > 0 else np.nan


def fit_gaussian(of: Decomposition, penalty: float | None, by: str = "evidence") -> GaussianFit:
    """w = (Z^T Z + λ)^-1 Z^T t, errors σ √P_jj, P = (Z^T Z + λ)^-1.  λ of 0: least squares, the shortest w.

    penalty None: the λ of largest evidence, whose error adds (dw/d ln λ)² Var(ln λ) to the variances, or (`by`
    cross_validation) of the smallest error of rows left out.
    """
    edge, error = 0, np.nan
    if penalty is None:
        score = of.log_evidence if by == "evidence" else lambda a: -of.left_out(a)
        penalty, edge = best_penalty(of, score)
        error = penalty_error(of, penalty) if by == "evidence" and not edge else np.nan
    u = of.U.T @ of.t
    w = of.V @ (of.d * u / (of.d**2 + penalty))
    by_penalty = of.V @ (of.d * u * penalty / (of.d**2 + penalty) ** 2)  # -dw/d(ln λ)
    also = 0.0 if np.isnan(error) else (of.unit * by_penalty * error / penalty) ** 2
    p, k = of.V.shape
    P = (of.V / (of.d**2 + penalty)) @ of.V.T
    if penalty and k < p:
        P += (np.eye(p) - of.V @ of.V.T) / penalty
    sigma = of.noise(penalty) ** 0.5 * of.unit
    freedom = np.inf if of.known else float(of.free - (0 if penalty else k))
    level = 1 / float(np.sum(of.weight**2)) if of.intercept else 0.0
    determined = np.ones(p, bool) if penalty or k == p else null_free(of)
    coefficients = of.unit * w / of.scale
    far = of.center / of.scale
    return GaussianFit(
        coefficients, np.where(determined, np.sqrt(sigma**2 * np.diag(P) + also) / of.scale, np.nan),
        of.middle - float(of.center @ coefficients), sigma * float(far @ P @ far + level) ** 0.5, sigma, freedom,
        penalty, error, edge, of.log_evidence(penalty) if penalty else np.nan,
        float(np.sum((of.t - of.U @ (of.d**2 / (of.d**2 + penalty) * u)) ** 2)) * of.unit**2, k,
        float(of.d[0] / of.d[-1]) if k == p else np.inf, of.center, of.scale, P, level, of.known,
    )  # fmt: skip


def null_free(of: Decomposition) -> np.ndarray:
    """Which coefficients are the same in all solutions of least squares."""
    return 1 - np.sum(of.V**2, axis=1) < 1e-6
