# SPDX-License-Identifier: Apache-2.0
"""Lowest eigenvalues of a Hermitian product v -> H v: Lanczos with thick restarts.

Wu and Simon 2000, doi:10.1137/S0895479898334605.  The basis is orthogonalized twice at each step.
"""

from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

__all__ = ["Spectrum", "krylov", "lowest"]


class Spectrum(NamedTuple):
    """Low-lying states."""

    energies: Float[np.ndarray, " k"]
    states: Shaped[Array, "k dim"]
    residuals: Float[np.ndarray, " k"]  # |H v - E v|: an eigenvalue lies within it
    products: int  # how many times H was applied
    status: str


def lowest(key, product, k: int = 1, *, project=None, **options) -> Spectrum:
    """The k lowest eigenvalues and eigenvectors, each as many times as it is degenerate; options as in `krylov`.

    One start sees a degenerate level once: further starts, orthogonal to what is known, look for what is missing.
    """
    within = project or (lambda v: v)
    found = krylov(key, product, k, project=within, **options)
    for again in range(k if k > 1 else 0):
        states = found.states
        outside = lambda v, states=states: within(v) - (states.conj() @ within(v)) @ states  # noqa: E731
        more = krylov(jax.random.fold_in(key, again), product, 1, project=outside, **options)
        if more.energies[0] > found.energies[-1] - 1e-8 * max(1.0, abs(found.energies[-1])):
            break
        energies = np.append(found.energies, more.energies)
        order = np.argsort(energies)[:k]
        found = Spectrum(
            energies[order],
            jnp.concatenate([states, more.states])[order],
            np.append(found.residuals, more.residuals)[order],
            found.products + more.products,
            found.status if more.status == "done" else more.status,
        )
    return found


def krylov(key, product, k: int = 1, *, basis: int | None = None, tolerance: float = 1e-10, cycles: int = 200,
           dtype: Any = float, project=None, progress=lambda done, total, text: None) -> Spectrum:  # fmt: skip
    """The k lowest eigenvalues and eigenvectors of `product`, a map of vectors with `dim` entries.

    `project` keeps to a subspace that H leaves invariant (a symmetry).  `basis` vectors of memory, at least k + 2.
    Law: residuals at most `tolerance` x |E|, or status says that it was not reached.
    """
    m = min(basis or max(2 * k + 10, 24), product.dim)
    project = project or (lambda v: v)
    v = jax.random.normal(key, (product.dim,), dtype)
    v = project(v)
    V = jnp.zeros((m + 1, product.dim), v.dtype).at[0].set(v / jnp.linalg.norm(v).astype(v.dtype))
    kept, T, products = 0, np.zeros((m, m), v.dtype), 0
    for cycle in range(cycles):
        V, columns, beta = extend(product, project, V, kept)
        products += m - kept
        T[:, kept:] = np.asarray(columns)[kept:].T
        energies, U = np.linalg.eigh(T, "U")
        residuals = np.abs(float(beta) * U[-1])
        scale = np.maximum(np.abs(energies[:k]), 1e-3)
        done = bool((residuals[:k] <= tolerance * scale).all()) or m == product.dim
        progress(cycle + 1, cycles, f"Lanczos: E_0 = {energies[0]:.10g}")
        keep = k if done else min(k + (m - k) // 2, m - 2)
        V = restart(V, jnp.asarray(U[:, :keep], V.dtype), keep)
        if done:
            break
        T = np.zeros_like(T)
        T[np.arange(keep), np.arange(keep)] = energies[:keep]
        kept = keep
    status = "done" if done else f"residual {residuals[:k].max():.1e} after {products} products; allow more cycles"
    return Spectrum(energies[:k], V[:k], residuals[:k], products, status)


@eqx.filter_jit
def extend(product, project, V, kept):
    """Krylov vectors `kept` + 1 to m; the upper triangle of H in the basis, by columns; the norm of the residual."""
    m = len(V) - 1

    def one(j, state):
        V, columns, _ = state
        w = project(product(V[j]))
        h = V.conj() @ w  # rows beyond j are zero
        w = w - h @ V
        again = V.conj() @ w
        w = w - again @ V
        beta = jnp.linalg.norm(w)
        V = V.at[j + 1].set(w / jnp.maximum(beta, jnp.finfo(beta.dtype).tiny).astype(w.dtype))
        return V, columns.at[j].set((h + again)[:m]), beta

    columns = jnp.zeros((m, m), V.dtype)
    return jax.lax.fori_loop(kept, m, one, (V, columns, jnp.zeros(())))


@partial(jax.jit, static_argnums=2, donate_argnums=0)
def restart(V, U, keep: int):
    """The Ritz vectors, and after them the residual, which is common to all of them."""
    ritz = U.T @ V[:-1]
    return jnp.zeros_like(V).at[:keep].set(ritz).at[keep].set(V[-1])
