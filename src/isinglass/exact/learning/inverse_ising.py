# SPDX-License-Identifier: Apache-2.0
"""The inverse Ising problem: couplings J and fields h of exp(Σ_i<j J_ij s_i s_j + Σ_i h_i s_i)/Z from its moments.

m_i = <s_i>, C_ij = <s_i s_j> - m_i m_j.  J and h are in units of the temperature.
Review: Nguyen, Zecchina and Berg 2017, arXiv:1702.01522.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["MOST_SPINS", "IsingMoments", "Matched", "ising_moments", "match_moments", "naive_mean_field", "pairs_of",
           "tap"]  # fmt: skip

MOST_SPINS = 20  # 2^20 states
CHUNK = 2**12


class IsingMoments(NamedTuple):
    """Of all states."""

    log_z: Float[Array, ""]
    m: Float[Array, " N"]  # <s_i>
    products: Float[Array, "N N"]  # <s_i s_j>, 1 on the diagonal


class Matched(NamedTuple):
    """Couplings whose moments are those given."""

    J: Float[Array, "N N"]  # 0 on the diagonal
    h: Float[Array, " N"]
    off: Float[Array, ""]  # largest deviation of a moment that is left
    steps: Float[Array, ""]


def pairs_of(N: int) -> tuple[Array, Array]:
    """i < j of the pairs, in the order of a vector of couplings."""
    return jnp.triu_indices(N, 1)


@jax.jit
def ising_moments(J: Float[Array, "N N"], h: Float[Array, " N"]) -> IsingMoments:
    """By enumeration, exact to rounding.  Law: m = ∂ln Z/∂h, <s_i s_j> = ∂ln Z/∂J_ij.  Cost: 2^N N²; memory bounded."""
    N = len(h)
    n = 2**N
    place = jnp.arange(N)

    def log_weights(first):
        number = first + jnp.arange(min(CHUNK, n))
        s = 1.0 - 2.0 * (number[:, None] >> place[None] & 1).astype(float)
        return s, 0.5 * jnp.sum(s @ J * s, axis=1) + s @ h

    def largest(top, first):
        return jnp.maximum(top, log_weights(first)[1].max()), None

    def add(sums, first):
        s, log_w = log_weights(first)
        w = jnp.exp(log_w - top)
        return jax.tree.map(jnp.add, sums, (w.sum(), w @ s, (w[:, None] * s).T @ s)), None

    first = jnp.arange(0, n, CHUNK)
    top = jax.lax.scan(largest, jnp.asarray(-jnp.inf), first)[0]
    zero = jnp.zeros(()), jnp.zeros(N), jnp.zeros((N, N))
    Z, m, products = jax.lax.scan(add, zero, first)[0]
    return IsingMoments(jnp.log(Z) + top, m / Z, products / Z)


def naive_mean_field(m: Float[Array, " N"], C: Float[Array, "N N"]) -> tuple[Float[Array, "N N"], Float[Array, " N"]]:
    """J = -C⁻¹ off the diagonal, h_i = artanh m_i - Σ_j J_ij m_j.  Law: exact as J -> 0, to first order.

    Ref: Kappen and Rodriguez 1998, doi:10.1162/089976698300017386.
    """
    J = off_diagonal(-jnp.linalg.inv(C))
    return J, jnp.arctanh(m) - J @ m


def tap(m: Float[Array, " N"], C: Float[Array, "N N"]) -> tuple[Float[Array, "N N"], Float[Array, " N"]]:
    """(C⁻¹)_ij = -J_ij - 2 J_ij² m_i m_j, the root that is -C⁻¹ at m = 0; h with Onsager's reaction.

    h_i = artanh m_i - Σ_j J_ij m_j + m_i Σ_j J_ij² (1 - m_j²).  Law: exact to second order in J.  Without a real root
    the turning point is taken.  Refs: Thouless, Anderson and Palmer 1977, doi:10.1080/14786437708235992; Tanaka 1998,
    doi:10.1103/PhysRevE.58.2302.
    """
    inverse, mm = jnp.linalg.inv(C), jnp.outer(m, m)
    root = jnp.sqrt(jnp.maximum(1 - 8 * mm * inverse, 0.0))
    J = off_diagonal(-2 * inverse / (1 + root))
    return J, jnp.arctanh(m) - J @ m + m * (J**2 @ (1 - m**2))


@partial(jax.jit, static_argnames=("tolerance", "most"))
def match_moments(
    m: Float[Array, " N"], products: Float[Array, "N N"], J: Float[Array, "N N"], h: Float[Array, " N"],
    fisher: Float[Array, "P P"], *, tolerance: float = 1e-9, most: int = 500,
) -> Matched:  # fmt: skip
    """Boltzmann learning with exact moments: θ <- θ + F⁻¹ (t_data - t_model), t the m_i and <s_i s_j>, from J and h.

    F is the covariance of t in the data, ordered m first, then pairs; steps that lower the likelihood are halved.
    Law: the likelihood is concave, so that the answer is the only one.  Ref: Ackley, Hinton and Sejnowski 1985,
    doi:10.1207/s15516709cog0901_7.
    """
    N = len(m)
    i, j = pairs_of(N)
    target = jnp.concatenate([m, products[i, j]])
    factor = jax.scipy.linalg.cho_factor(fisher)

    def matrices(theta):
        J = jnp.zeros((N, N)).at[i, j].set(theta[N:])
        return J + J.T, theta[:N]

    def evaluated(theta):
        found = ising_moments(*matrices(theta))
        return theta @ target - found.log_z, target - jnp.concatenate([found.m, found.products[i, j]])

    def going(carry):
        _, _, off, _, step = carry
        return (jnp.abs(off).max() > tolerance) & (step < most)

    def ascend(carry):
        theta, value, off, rate, step = carry
        new = theta + rate * jax.scipy.linalg.cho_solve(factor, off)
        above, left = evaluated(new)
        better = above >= value - 1e-13 * jnp.abs(value)
        keep = lambda a, b: jnp.where(better, a, b)  # noqa: E731
        rate = jnp.where(better, jnp.minimum(1.0, 1.5 * rate), rate / 2)
        return keep(new, theta), keep(above, value), keep(left, off), rate, step + 1

    theta = jnp.concatenate([h, J[i, j]])
    start = (theta, *evaluated(theta), jnp.ones(()), jnp.zeros(()))
    theta, _, off, _, steps = jax.lax.while_loop(going, ascend, start)
    return Matched(*matrices(theta), jnp.abs(off).max(), steps)


def off_diagonal(A: Float[Array, "N N"]) -> Float[Array, "N N"]:
    """Zeros on the diagonal."""
    return A - jnp.diag(jnp.diag(A))
