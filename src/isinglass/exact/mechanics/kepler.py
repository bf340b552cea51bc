# SPDX-License-Identifier: Apache-2.0
"""Kepler's problem in the plane, H = p²/2 - μ/|q|: the ellipse, and what is conserved on it."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["KeplerInvariants", "eccentric_anomaly", "invariants", "motion", "period"]


class KeplerInvariants(NamedTuple):
    """E, L and the vector of Laplace, Runge and Lenz by μ, which points to the perihelion; its length is e."""

    energy: Float[np.ndarray, "*n"]
    angular_momentum: Float[np.ndarray, "*n"]
    eccentricity: Float[np.ndarray, "*n 2"]


def period(a: float, mu: float = 1.0) -> float:
    """T = 2π √(a³/μ), Kepler's third law."""
    return float(2 * np.pi * np.sqrt(a**3 / mu))


def eccentric_anomaly(mean: Float[np.ndarray, " n"], e: float) -> Float[np.ndarray, " n"]:
    """ψ with ψ - e sin ψ = M, by Newton's method from Danby's start M + 0.85 e sign(sin M).

    Ref: Danby and Burkardt 1983, doi:10.1007/BF01686811.
    """
    psi = mean + 0.85 * e * np.sign(np.sin(mean))
    for _ in range(50):
        psi = psi - (psi - e * np.sin(psi) - mean) / (1 - e * np.cos(psi))
    return psi


def motion(t: Float[np.ndarray, " n"], a: float = 1.0, e: float = 0.5, mu: float = 1.0) -> Float[np.ndarray, "n 4"]:
    """(q, p) at times t, at the perihelion (a (1 - e), 0) when t = 0, counterclockwise."""
    n, b = np.sqrt(mu / a**3), a * np.sqrt(1 - e**2)
    psi = eccentric_anomaly(n * np.asarray(t, float), e)
    rate = n / (1 - e * np.cos(psi))
    q = a * (np.cos(psi) - e), b * np.sin(psi)
    return np.stack([*q, -a * np.sin(psi) * rate, b * np.cos(psi) * rate], axis=1)


def invariants(y: Float[np.ndarray, "*n 4"], mu: float = 1.0) -> KeplerInvariants:
    """E = p²/2 - μ/r, L = q_1 p_2 - q_2 p_1, e = p x L / μ - q/r.  Law: e² = 1 + 2 E L²/μ²."""
    q, p = y[..., :2], y[..., 2:]
    r = np.linalg.norm(q, axis=-1)
    L = q[..., 0] * p[..., 1] - q[..., 1] * p[..., 0]
    e = np.stack([p[..., 1] * L, -p[..., 0] * L], axis=-1) / mu - q / r[..., None]
    return KeplerInvariants((p**2).sum(axis=-1) / 2 - mu / r, L, e)
