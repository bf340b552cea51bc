# SPDX-License-Identifier: Apache-2.0
"""Is linear regression with normal residuals all that pairs tell?  Then a network has nothing to add."""

import numpy as np
from jaxtyping import Float
from scipy.stats import binom, chi2, norm

from isinglass.inference.posterior.linear_baseline import linear_regression
from isinglass.run.blas import one_blas_thread

__all__ = ["normality"]

FEWEST, PER_NUMBER = 1000, 20  # pairs; pairs for each number of a row
ORDERS = 4  # cosines of one residual
SCALES = (0.5, 1.0, 2.0)  # of waves, in widths
WAVES, SQUARES, PAIRS, DIRECTIONS = 20, 12, 100, 12
FAR = 3.0  # widths
SAME = 0.05  # of the pairs


@one_blas_thread()
def normality(u: Float[np.ndarray, "n d"], z: Float[np.ndarray, "n m"]) -> float:
    """p-value of the law that u = A z + b + L r, r ~ N(0, 1) whatever z is; 0 where the pairs cannot tell.

    They cannot where they are few, or where a number of z has often, and not always, one and the same value.

    Under the law each f of `of_residuals` has mean 0 and variance 1 at every z.  So S = n^(-1/2) Σ_n f(r_n) g(z_n) is
    N(0, 1) for each g of an orthonormal set of functions of z: the sum of S² over all f and g, and over the g of each
    f, is χ² distributed, and the largest |S| is that of so many numbers; residuals beyond 3 are as many as binomial.
    The smallest p-value of these, times their number.
    Ref: Neyman 1937, doi:10.1080/03461238.1937.10404821; Bierens 1990, doi:10.2307/2938323.
    """
    n, m = z.shape
    if n < max(FEWEST, PER_NUMBER * (m + 1)) or max(map(share_of_one_value, z.T), default=0.0) > SAME:
        return 0.0
    rng, of, z = np.random.default_rng(0), linear_regression(u, z), z.astype(float)
    fitted = z @ of.A.T + of.b
    r = np.linalg.solve(np.linalg.cholesky(of.C), (u - fitted).T).T
    f, orthogonal = of_residuals(rng, r)
    g = orthonormal(of_data(rng, z, fitted))
    S2, numbers = (f.T @ g) ** 2, np.full(f.shape[1], g.shape[1])
    S2[: r.shape[1], : m + 1] = 0.0  # c_1 with 1 and z, which the regression made small
    numbers[: r.shape[1]] -= m + 1
    far, share = int(np.sum(np.abs(r) > FAR)), 2 * norm.sf(FAR)
    p_values = [
        chi2.sf(S2[:orthogonal].sum(), numbers[:orthogonal].sum()),
        chi2.sf(S2.sum(axis=1), numbers).min() * len(S2),
        2 * norm.sf(S2.max() ** 0.5) * S2.size,
        2 * min(binom.sf(far - 1, r.size, share), binom.cdf(far, r.size, share)),
        2 * norm.sf(np.abs(r).max()) * r.size,
    ]
    return float(min(1.0, len(p_values) * min(p_values)))


def share_of_one_value(z: Float[np.ndarray, " n"]) -> float:
    """How many of the numbers are equal at most; 0 where all are."""
    times = np.unique(z, return_counts=True)[1]
    return float(times.max() / len(z)) if len(times) > 1 else 0.0


def of_residuals(rng: np.random.Generator, r: Float[np.ndarray, "n d"]) -> tuple[Float[np.ndarray, "n F"], int]:
    """c_k = √2 cos(π k Φ(r_i)), products c_1 c_1 of two; and, not orthogonal to them, c_k along random directions and
    of the radius.  How many the first are.
    """
    d = r.shape[1]
    cosines = lambda p: np.concatenate([2**0.5 * np.cos(np.pi * k * p) for k in range(1, ORDERS + 1)], axis=1)  # noqa: E731
    of_each = cosines(norm.cdf(r))
    i, j = np.triu_indices(d, 1)
    some = rng.permutation(len(i))[:PAIRS]
    products = of_each[:, i[some]] * of_each[:, j[some]]
    along = rng.normal(size=(d, DIRECTIONS if d > 1 else 0))
    others = cosines(norm.cdf(r @ (along / np.linalg.norm(along, axis=0))))
    radius = cosines(chi2.cdf((r**2).sum(axis=1), d)[:, None])
    return np.concatenate([of_each, products, others, radius], axis=1), of_each.shape[1] + len(some)


def of_data(
    rng: np.random.Generator, z: Float[np.ndarray, "n m"], fitted: Float[np.ndarray, "n d"]
) -> Float[np.ndarray, "n G"]:
    """1, z; squares and products, and waves, of principal components of z and of what the regression makes of it."""
    parts = [np.ones((len(z), 1)), z]
    for y in (components(z), components(fitted)):
        near = np.clip(y[:, :SQUARES], -FAR, FAR)
        i, j = np.triu_indices(near.shape[1])
        parts.append((near[:, i] * near[:, j])[:, rng.permutation(len(i))[: 4 * SQUARES]])
        for scale in SCALES:
            w = rng.normal(size=(y.shape[1], WAVES))
            w *= scale / np.maximum(np.linalg.norm(w, axis=0), 1e-300)
            parts.append(np.cos(y @ w + rng.uniform(0, 2 * np.pi, WAVES)))
    found = np.concatenate(parts, axis=1)
    return found[:, : max(z.shape[1] + 1, len(z) // PER_NUMBER)]


def components(z: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n k"]:
    """Principal components of unit variance, the largest first."""
    y = z - z.mean(axis=0)
    variance, along = np.linalg.eigh(y.T @ y / len(y))
    kept = np.flatnonzero(variance > 1e-10 * max(variance[-1], 1e-300))[::-1]
    return y @ along[:, kept] / variance[kept] ** 0.5


def orthonormal(g: Float[np.ndarray, "n G"]) -> Float[np.ndarray, "n rank"]:
    """Columns with the same span, step by step; what earlier ones tell already is left out."""
    Q, R = np.linalg.qr(g)
    return Q[:, np.abs(np.diag(R)) > 1e-6 * np.linalg.norm(g, axis=0)]
