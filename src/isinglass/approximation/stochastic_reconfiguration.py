# SPDX-License-Identifier: Apache-2.0
"""Stochastic reconfiguration: the step of imaginary time, seen by the parameters.

    (S + λ) δ = F,  S = Re<ΔO^† ΔO>,  F = Re<ΔO^† ΔE>,  O_k = ∂ ln ψ / ∂θ_k,  θ <- θ - η δ,

θ real: a complex parameter counts as two.  Sorella 1998, doi:10.1103/PhysRevLett.80.4558.  With fewer samples than
parameters the same δ comes from the kernel T = Re ΔO ΔO^† (push-through; Chen and Heyl 2024, arXiv:2302.01941).
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from isinglass.nets.quantum_state import AbstractQuantumState

__all__ = ["as_real", "from_real", "jacobian", "natural_step"]


def as_real(params: Any) -> tuple[Float[Array, " P"], Any]:
    """All parameters as one real vector, and the function that undoes it."""
    leaves, tree = jax.tree.flatten(params)
    parts = [p for leaf in leaves for p in ([leaf.real, leaf.imag] if jnp.iscomplexobj(leaf) else [leaf])]
    shapes = [(leaf.shape, bool(jnp.iscomplexobj(leaf))) for leaf in leaves]
    return jnp.concatenate([p.ravel() for p in parts]), (tree, shapes)


def from_real(theta: Float[Array, " P"], form: Any) -> Any:
    """The parameters again."""
    tree, shapes = form
    leaves, at = [], 0
    for shape, is_complex in shapes:
        size = 1
        for side in shape:
            size *= side
        parts = [theta[at + k * size : at + (k + 1) * size].reshape(shape) for k in range(2 if is_complex else 1)]
        leaves.append(jax.lax.complex(*parts) if is_complex else parts[0])
        at += len(parts) * size
    return jax.tree.unflatten(tree, leaves)


def jacobian(
    state: AbstractQuantumState, x: Float[Array, "B N"], chunk: int | None = None
) -> tuple[Float[Array, "B P"], Float[Array, "B P"] | None]:
    """O of each sample, real and imaginary part; None where ln ψ is real.  `chunk` samples at a time."""
    params, static = eqx.partition(state, eqx.is_inexact_array)
    theta, form = as_real(params)
    log_psi = lambda theta, x: eqx.combine(from_real(theta, form), static).log_psi(x)  # noqa: E731
    is_complex = jnp.issubdtype(jax.eval_shape(log_psi, theta, x[0]).dtype, jnp.complexfloating)

    def one(x):
        if not is_complex:
            return jax.grad(log_psi)(theta, x), None
        parts = jax.jacrev(lambda theta: jnp.stack([(z := log_psi(theta, x)).real, z.imag]))(theta)
        return parts[0], parts[1]

    return jax.vmap(one)(x) if chunk is None else jax.lax.map(one, x, batch_size=chunk)


def natural_step(
    real: Float[Array, "B P"], imaginary: Float[Array, "B P"] | None, energies: Shaped[Array, " B"], shift: float,
    weights: Float[Array, " B"] | None = None,
) -> Float[Array, " P"]:  # fmt: skip
    """δ, by the smaller of the two matrices; `weights` sum to 1, by default all equal.

    Cost: B P min(B, P).  Law: both matrices give the same δ.
    """
    w = jnp.full(len(energies), 1 / len(energies), real.dtype) if weights is None else weights.astype(real.dtype)
    centered = lambda a: jnp.sqrt(w)[:, None] * (a - (w @ a)[None])  # noqa: E731
    column = lambda a: centered(a.astype(real.dtype)[:, None])[:, 0]  # noqa: E731
    A, e = centered(real), column(energies.real)
    if imaginary is not None:
        A, e = jnp.concatenate([A, centered(imaginary)]), jnp.concatenate([e, column(energies.imag)])
    samples, parameters = A.shape
    if parameters <= samples:
        return solve(A.T @ A, A.T @ e, shift)
    return A.T @ solve(A @ A.T, e, shift)


def solve(S: Float[Array, "k k"], F: Float[Array, " k"], shift: float) -> Float[Array, " k"]:
    """(S + λ)^-1 F by Cholesky."""
    S = S + jnp.asarray(shift, S.dtype) * jnp.eye(len(S), dtype=S.dtype)
    return jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(S), F)
