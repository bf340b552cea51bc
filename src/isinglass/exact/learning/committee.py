# SPDX-License-Identifier: Apache-2.0
"""A soft committee machine learning on line from another, N -> ∞: σ(J, ξ) = Σ_i g(J_i·ξ), g(x) = erf(x/√2).

Fields h = (x, y) = (J ξ, B ξ) of normal inputs have the covariance C of Q = J J^T, R = J B^T, T = B B^T.  With the
error e = Σ_a c_a g(h_a), c = -1 for students, +1 for teachers, and steps J_i += (η/N) g'(x_i) e ξ, in time α = steps/N:

    dR_in/dα = η Σ_a c_a I3(i, n, a),  dQ_ik/dα = η Σ_a c_a [I3(i, k, a) + I3(k, i, a)] + η² Σ_ab c_a c_b I4(i, k, a, b)
    I2 = <g(a) g(b)>,  I3 = <g'(a) b g(c)>,  I4 = <g'(a) g'(b) g(c) g(d)>;   ε = <e²>/2 = Σ_ab c_a c_b I2(a, b)/2

Law: ε >= 0, and 0 where the students are the teachers in some order.
Ref: Saad & Solla 1995, doi:10.1103/PhysRevLett.74.4337; doi:10.1103/PhysRevE.52.4225.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.integrate import solve_ivp

__all__ = ["Overlaps", "generalization_error", "learned", "rates"]

ACCURACY = 1e-9


class Overlaps(NamedTuple):
    """Order parameters of K students and M teachers."""

    R: Float[np.ndarray, "K M"]
    Q: Float[np.ndarray, "K K"]
    T: Float[np.ndarray, "M M"]


def generalization_error(at: Overlaps) -> float:
    """ε."""
    C, c = covariance(at)
    return float(c @ two(C) @ c) / 2


def rates(at: Overlaps, eta: float) -> tuple[Float[np.ndarray, "K M"], Float[np.ndarray, "K K"]]:
    """dR/dα, dQ/dα."""
    (C, c), K = covariance(at), len(at.Q)
    drift = three(C)[:K] @ c  # [i, b]: <g'(x_i) h_b e>
    noise = np.einsum("ikab,a,b->ik", four(C, K), c, c)
    return eta * drift[:, K:], eta * (drift[:, :K] + drift[:, :K].T) + eta**2 * noise


def learned(start: Overlaps, eta: float, alpha: Float[np.ndarray, " times"]) -> list[Overlaps]:
    """The order parameters at these times, from time 0."""
    (K, M), T = start.R.shape, start.T
    unpacked = lambda v: Overlaps(v[: K * M].reshape(K, M), v[K * M :].reshape(K, K), T)  # noqa: E731

    def slope(_, v):
        return np.concatenate([rate.ravel() for rate in rates(unpacked(v), eta)])

    first = np.concatenate([start.R.ravel(), start.Q.ravel()])
    found = solve_ivp(slope, (0.0, float(alpha[-1])), first, t_eval=alpha, rtol=ACCURACY, atol=ACCURACY)
    return [unpacked(v) for v in found.y.T]


def covariance(at: Overlaps) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, " n"]]:
    """C of all fields, and c."""
    K, M = at.R.shape
    return np.block([[at.Q, at.R], [at.R.T, at.T]]), np.concatenate([-np.ones(K), np.ones(M)])


def two(C: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n n"]:
    """I2 = (2/π) arcsin C_ab/√((1 + C_aa)(1 + C_bb))."""
    s = 1 + np.diag(C)
    return 2 / np.pi * np.arcsin(C / np.sqrt(np.outer(s, s)))


def three(C: Float[np.ndarray, "n n"]) -> Float[np.ndarray, "n n n"]:
    """I3 = (2/π) [C_bc (1 + C_aa) - C_ab C_ac]/((1 + C_aa) √Λ3), Λ3 = (1 + C_aa)(1 + C_cc) - C_ac²."""
    s = 1 + np.diag(C)
    root = np.sqrt(np.outer(s, s) - C**2)
    over = C[None] * s[:, None, None] - C[:, :, None] * C[:, None, :]
    return 2 / np.pi * over / (s[:, None, None] * root[:, None, :])


def four(C: Float[np.ndarray, "n n"], K: int) -> Float[np.ndarray, "K K n n"]:
    """I4 = (4/π²) arcsin(Λ0/√(Λ1 Λ2))/√Λ4, its first two fields of students.

    Λ4 = (1 + C_aa)(1 + C_bb) - C_ab²,  Λ0 = L(c, d),  Λ1 = Λ4 + L(c, c),  Λ2 = Λ4 + L(d, d),
    L(c, d) = Λ4 C_cd - C_bc C_bd (1 + C_aa) - C_ac C_ad (1 + C_bb) + C_ab (C_ac C_bd + C_ad C_bc)
    """
    s = 1 + np.diag(C)[:K]
    ab = C[:K, :K, None, None]
    last = np.outer(s, s)[:, :, None, None] - ab**2
    a, b = C[:K, None, :], C[None, :K, :]  # [a, b, c]: C_ac and C_bc
    pair = lambda u, v: u[..., :, None] * v[..., None, :]  # noqa: E731
    L = (last * C - pair(b, b) * s[:, None, None, None] - pair(a, a) * s[None, :, None, None]
         + ab * (pair(a, b) + pair(b, a)))  # fmt: skip
    own = last[..., 0, 0][..., None] + np.diagonal(L, axis1=2, axis2=3)
    return 4 / np.pi**2 * np.arcsin(L / np.sqrt(pair(own, own))) / np.sqrt(last)
