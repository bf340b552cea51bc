# SPDX-License-Identifier: Apache-2.0
"""Symplectic maps of phase space y = (q, p), ∂Φᵀ J ∂Φ = J: the flow of a Hamiltonian, and steps that stay one.

A symplectic step of size h is the exact flow of a Hamiltonian near H, so that the energy does not drift.
Ref: Hairer, Lubich and Wanner 2006, doi:10.1007/3-540-30666-8.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

__all__ = ["gauss_step", "hamiltonian_field", "leapfrog_step", "orbit", "symplectic_violation"]

Field = Callable[[Float[Array, " n"]], Float[Array, " n"]]
ITERATIONS = 12  # of the implicit equations: each gains a factor h |∂f|


def hamiltonian_field(H: Callable, y: Float[Array, " phase"]) -> Float[Array, " phase"]:
    """J ∇H = (∂H/∂p, -∂H/∂q).  Law: ∇H · J ∇H = 0, the energy is conserved."""
    of_q, of_p = jnp.split(jax.grad(H)(y), 2)
    return jnp.concatenate([of_p, -of_q])


def gauss_table(stages: int) -> tuple[np.ndarray, np.ndarray]:
    """A and b of the collocation at the nodes c of Gauss and Legendre: A_ij = ∫_0^(c_i) l_j, b_j = ∫_0^1 l_j."""
    x, w = np.polynomial.legendre.leggauss(stages)
    c, powers = (x + 1) / 2, np.arange(1, stages + 1)
    vandermonde = c[:, None] ** (powers - 1)[None]
    return np.linalg.solve(vandermonde.T, (c[:, None] ** powers / powers).T).T, w / 2


def gauss_step(f: Field, y: Float[Array, " n"], h: float, stages: int = 2) -> Float[Array, " n"]:
    """y + h Σ b_i k_i with k_i = f(y + h Σ_j A_ij k_j), of order 2 `stages`; with one stage the implicit midpoint rule.

    Law: symplectic for every Hamiltonian, separable or not.  The k_i by fixed-point iteration: |h ∂f| must be below 1.
    """
    A, b = (jnp.asarray(table, y.dtype) for table in gauss_table(stages))
    derivative = lambda _, k: jax.vmap(f)(y[None] + h * (A @ k))  # noqa: E731
    k = jax.lax.fori_loop(0, ITERATIONS, derivative, jnp.tile(f(y)[None], (stages, 1)))
    return y + h * (b @ k)


def leapfrog_step(f: Field, y: Float[Array, " phase"], h: float) -> Float[Array, " phase"]:
    """Half kick, drift, half kick, of order 2, for f of H = T(p) + V(q) alone.  Law: symplectic, reversible.

    Ref: Verlet 1967, doi:10.1103/PhysRev.159.98.
    """
    half = lambda y, of: jnp.split(f(y), 2)[of]  # noqa: E731
    q, p = jnp.split(y, 2)
    p = p + h / 2 * half(y, 1)
    q = q + h * half(jnp.concatenate([q, p]), 0)
    return jnp.concatenate([q, p + h / 2 * half(jnp.concatenate([q, p]), 1)])


def orbit(step: Field, y: Float[Array, " n"], times: int, every: int = 1) -> Float[Array, "times n"]:
    """y and `times` - 1 points after it, `every` steps between two of them."""

    def stretch(y, _):
        return jax.lax.fori_loop(0, every, lambda _, y: step(y), y), y

    return jnp.asarray(jax.lax.scan(stretch, y, length=times)[1])


def symplectic_violation(step: Field, y: Float[Array, " phase"]) -> Float[Array, ""]:
    """The largest entry of |∂Φᵀ J ∂Φ - J|."""
    d = y.shape[0] // 2
    D, unity, zero = jax.jacfwd(step)(y), jnp.eye(d, dtype=y.dtype), jnp.zeros((d, d), y.dtype)
    J = jnp.block([[zero, unity], [-unity, zero]])
    return jnp.max(jnp.abs(D.T @ J @ D - J))
