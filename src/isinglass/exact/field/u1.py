# SPDX-License-Identifier: Apache-2.0
"""Compact U(1) gauge theory on a two-dimensional torus of V plaquettes, p ~ exp(β Σ_p cos θ_p), in closed form.

Z = ∫ Π_l dθ_l exp(β Σ_p cos θ_p) = (2π)^(2V) Σ_n I_n(β)^V, links 2V.  With a θ-term, n becomes n + θ/2π and
I_ν(β) = (1/2π) ∫_-π^π dα exp(β cos α) cos να, the Fourier transform of one plaquette angle on the open line; so the
plaquette angles are independent up to their sum, which is 2πQ.
Ref: Wiese 1989, doi:10.1016/0550-3213(89)90051-X; Kanwar et al. 2020, arXiv:2003.06413.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ive

__all__ = [
    "charge_distribution",
    "log_partition_function",
    "plaquette",
    "topological_susceptibility",
    "wilson_loop",
]


def orders(beta: float) -> Int[np.ndarray, " n"]:
    """All n for which I_n(β) is not negligible: from -n_max to n_max."""
    n_max = 30 + int(4 * beta)
    return np.arange(-n_max, n_max + 1)


def log_partition_function(beta: float, V: int) -> float:
    """ln Z = 2V ln 2π + ln Σ_n I_n(β)^V, the measure being Π_l dθ_l.  Law: 2V ln 2π at β = 0."""
    log_ratio = V * (log_bessel(orders(beta), beta) - log_bessel(0, beta))
    return float(2 * V * np.log(2 * np.pi) + V * log_bessel(0, beta) + np.log(np.sum(np.exp(log_ratio))))


def plaquette(beta: float, V: int | None = None) -> float:
    """<cos θ_p> = Σ_n I_n' I_n^(V-1) / Σ_n I_n^V; I_1/I_0 on the infinite lattice.  Law: (1/V) ∂ ln Z / ∂β."""
    return wilson_loop(beta, 1, V)


def wilson_loop(beta: float, area: int, V: int | None = None) -> float:
    """<cos Σ_(p in A) θ_p> = Σ_n I_(n+1)^A I_n^(V-A) / Σ_n I_n^V: the area law (I_1/I_0)^A when V -> ∞."""
    if V is None:
        return float((ive(1, beta) / ive(0, beta)) ** area)
    n, base = orders(beta), log_bessel(0, beta)
    here, up = log_bessel(n, beta) - base, log_bessel(n + 1, beta) - base
    return float(np.sum(np.exp(area * up + (V - area) * here)) / np.sum(np.exp(V * here)))


def log_bessel(n: int | np.ndarray, beta: float) -> np.ndarray:
    """ln I_n(β); where I_n e^-β underflows, about -744 + β."""
    return np.asarray(np.log(np.maximum(ive(np.abs(n), beta), 1e-323)) + beta)


def charge_distribution(beta: float, V: int) -> tuple[Int[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Charges Q = -V//2 .. V//2 and P(Q) = ∫ dν φ(ν)^V cos 2πνQ / norm, φ(ν) = I_ν(β)/I_0(β).

    |Q| <= V/2 makes φ^V a band-limited function: the sum over steps 1/(V+1) is the integral, exactly.
    Law: P(Q) = P(-Q), Σ P = 1.  Cost: V² times the periods of ν that count.
    """
    Q = np.arange(-(V // 2), V // 2 + 1)
    periods = 200 if V < 16 else 30 if V < 100 else 12
    nu = np.arange(periods * (V + 1) + 1) / (V + 1)
    weight = np.where(nu == 0, 1.0, 2.0) * characteristic(nu, beta) ** V  # even in ν
    kept = np.abs(weight) > 1e-18
    P = np.cos(2 * np.pi * np.outer(Q, nu[kept])) @ weight[kept]
    return Q, np.maximum(P, 0) / np.sum(np.maximum(P, 0))


def characteristic(nu: Float[np.ndarray, " n"], beta: float) -> Float[np.ndarray, " n"]:
    """φ(ν) = ∫_0^π dα exp(β cos α) cos να / (π I_0(β)), by Gauss's rule."""
    node, weight = np.polynomial.legendre.leggauss(200 + int(2 * nu.max() + 4 * np.sqrt(beta)))
    alpha = np.pi * (node + 1) / 2
    density = weight / 2 * np.exp(beta * (np.cos(alpha) - 1)) / ive(0, beta)
    return np.concatenate([np.cos(np.outer(part, alpha)) @ density for part in np.array_split(nu, len(nu) // 4096 + 1)])


def topological_susceptibility(beta: float, V: int | None = None) -> float:
    """χ_Q = <Q²>/V; on the infinite lattice <θ_p²>/4π² of one plaquette with weight exp(β cos θ).

    Law: 1/12 at β = 0 (V -> ∞), 1/(4π²β) at large β.
    """
    if V is not None:
        Q, P = charge_distribution(beta, V)
        return float(np.sum(Q**2 * P) / V)
    node, weight = np.polynomial.legendre.leggauss(200 + int(4 * np.sqrt(beta)))
    alpha = np.pi * (node + 1) / 2
    return float(np.sum(weight / 2 * alpha**2 * np.exp(beta * (np.cos(alpha) - 1)) / ive(0, beta)) / (4 * np.pi**2))
