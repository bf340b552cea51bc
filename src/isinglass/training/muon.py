# SPDX-License-Identifier: Apache-2.0
"""Muon: matrices step along the orthogonal matrix nearest to their momentum, in all directions at the same pace.

Ref: K. Jordan et al. 2024, kellerjordan.github.io/posts/muon; widths of steps: Liu et al. 2025, arXiv:2502.16982.
"""

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

__all__ = ["orthogonal", "scale_by_muon"]

QUINTIC = (3.4445, -4.7750, 2.0315)  # x -> ax + bx³ + cx⁵ five times: (0.01, 1] to (0.68, 1.14)
WIDTH = 0.2  # root mean square of a step of Adam, about


def orthogonal(G: Float[Array, "*batch m n"]) -> Float[Array, "*batch m n"]:
    """About U Vᵀ of G = U S Vᵀ, by the iteration of Newton and Schulz: no decomposition, 15 products of matrices.

    Law: singular values of a hundredth of |G| and more become 0.68 to 1.14; orthogonal(cG) = orthogonal(G), c > 0.
    """
    tall = G.shape[-2] > G.shape[-1]
    X = jnp.swapaxes(G, -1, -2) if tall else G
    X = X / (jnp.linalg.norm(X, axis=(-2, -1), keepdims=True) + jnp.finfo(X.dtype).tiny)
    a, b, c = QUINTIC
    for _ in range(5):
        A = X @ jnp.swapaxes(X, -1, -2).conj()
        X = a * X + (b * A + c * (A @ A)) @ X
    return jnp.swapaxes(X, -1, -2) if tall else X


def scale_by_muon(momentum: float) -> optax.GradientTransformation:
    """M <- μM + (1 - μ)G; u = 0.2 √max(m, n) orthogonal(μM + (1 - μ)G), of arrays (..., m, n) with stacked matrices."""
    mean = lambda M, G: momentum * M + (1 - momentum) * G  # noqa: E731

    def update(gradient, state, params=None):
        del params
        M = jax.tree.map(mean, state, gradient)
        width = lambda G: WIDTH * max(G.shape[-2:]) ** 0.5  # noqa: E731
        return jax.tree.map(lambda m, G: width(G) * orthogonal(mean(m, G)), M, gradient), M

    return optax.GradientTransformation(lambda params: jax.tree.map(jnp.zeros_like, params), update)
