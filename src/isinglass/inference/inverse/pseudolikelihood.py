# SPDX-License-Identifier: Apache-2.0
"""Couplings from spin samples by pseudolikelihood: each spin regressed on all others.

P(s_i | rest) = 1/(1 + exp(-2 s_i f_i)), f_i = h_i + Σ_j J_ij s_j.
Refs: Besag 1975, doi:10.2307/2987782; Aurell and Ekeberg 2012, arXiv:1107.3536.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

__all__ = ["SpinRegressions", "pseudolikelihood"]

NEWTON = 30  # steps, at most


class SpinRegressions(NamedTuple):
    """The maximum of every spin's likelihood, and what each group of rows moves it by."""

    J: Float[Array, "N N"]  # row i from the regression of spin i: not symmetric; 0 on the diagonal
    h: Float[Array, " N"]
    moved_J: Float[Array, "G N N"]  # influence of each group of rows
    moved_h: Float[Array, "G N"]
    gradient: Float[Array, ""]  # the largest that is left


@jax.jit
def pseudolikelihood(
    s: Float[Array, "n N"], group: Int[Array, " n"], groups: Float[Array, " G"], ridge
) -> SpinRegressions:
    """Newton's method for one spin after the other; `ridge` λ adds λ/2 Σ_j J_ij² per row.

    `group`: the group of each row, `groups` as many zeros.  The influence of a group is H⁻¹ Σ_rows g, g the gradients
    and H the Hessian, so that errors allow for rows alike within a group.  Cost: n N³ a step; memory n N.
    """
    n, N = s.shape
    penalty = jnp.full(N, ridge)

    def regress(i):
        x = s.at[:, i].set(1.0)  # the column of the spin itself serves its field
        y, penal = s[:, i], penalty.at[i].set(0.0)

        def slopes(theta):
            return 2 * jax.nn.sigmoid(-2 * y * (x @ theta)) * y

        def step(carry):
            theta, _, k = carry
            g = slopes(theta)
            w = g * (2 * y - g)  # 4 σ(2f)(1 - σ(2f))
            H = (x * w[:, None]).T @ x / n + jnp.diag(penal + 1e-12)
            gradient = x.T @ g / n - penal * theta
            change = jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(H), gradient)
            change *= jnp.minimum(1.0, 2.0 / jnp.maximum(jnp.abs(x @ change).max(), 1e-300))
            return theta + change, jnp.abs(gradient).max(), k + 1

        going = lambda carry: (carry[1] > 1e-10) & (carry[2] < NEWTON)  # noqa: E731
        theta, gradient, _ = jax.lax.while_loop(going, step, (jnp.zeros(N), jnp.asarray(jnp.inf), 0))
        g = slopes(theta)
        H = (x * (g * (2 * y - g))[:, None]).T @ x / n + jnp.diag(penal + 1e-12)
        scores = jax.ops.segment_sum(x * g[:, None], group, len(groups)) / n
        return theta, jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(H), scores.T).T, gradient

    theta, moved, gradient = jax.lax.map(regress, jnp.arange(N))
    diagonal = jnp.arange(N)
    moved = jnp.swapaxes(moved, 0, 1)
    J, moved_J = theta.at[diagonal, diagonal].set(0.0), moved.at[:, diagonal, diagonal].set(0.0)
    return SpinRegressions(J, theta[diagonal, diagonal], moved_J, moved[:, diagonal, diagonal], gradient.max())
