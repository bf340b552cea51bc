# SPDX-License-Identifier: Apache-2.0
"""Lowest eigenvalues of a Hermitian product v -> H v: Lanczos with thick restarts.

Wu and Simon 2000, doi:10.1137/S0895479898334605.  Each new vector is made orthogonal to all that are kept.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.run.blas import one_blas_thread

__all__ = ["Spectrum", "basis_size", "krylov", "lanczos_step", "lowest"]

CLOSED = 1e-13  # relative norm of the residual below which a subspace is invariant


class Spectrum(NamedTuple):
    """The lowest levels E and states ψ of H, and the residuals |Hψ - Eψ|."""

    energies: Float[np.ndarray, " k"]
    states: Shaped[Array, "k dim"]
    residuals: Float[np.ndarray, " k"]  # |H v - E v|: an eigenvalue lies within it
    products: int  # how many times H was applied
    status: str


def lowest(key, product, k: int = 1, *, project=None, **options) -> Spectrum:
    """The k lowest eigenvalues and eigenvectors, each as many times as it is degenerate; options as in `krylov`.

    One start sees a degenerate level once: further starts, orthogonal to what is known, look for what is missing.
    """
    found = krylov(key, product, k, project=project, **options)
    for again in range(k if k > 1 else 0):
        states = found.states
        more = krylov(jax.random.fold_in(key, again), product, 1, project=Outside(states, project), **options)
        if not len(more.energies):
            break
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


def basis_size(k: int) -> int:
    """Vectors that are kept for k levels."""
    return max(2 * k + 10, 24)


class Outside(eqx.Module):
    """The part of v that is orthogonal to known states, within a subspace."""

    states: Shaped[Array, "k dim"]
    within: Callable | None

    def __call__(self, v: Shaped[Array, " dim"]) -> Shaped[Array, " dim"]:
        """v - Σ_k <k|v> |k>."""
        v = v if self.within is None else self.within(v)
        return orthogonal_part(self.states, v)[0]


@one_blas_thread()
def krylov(key, product, k: int = 1, *, basis: int | None = None, tolerance: float = 1e-10, cycles: int = 200,
           dtype: Any = None, project=None, progress=lambda done, total, text: None) -> Spectrum:  # fmt: skip
    """The k lowest eigenvalues and eigenvectors of `product`, a map of vectors with `dim` entries of its `dtype`.

    `project` keeps to a subspace that H leaves invariant (a symmetry).  `basis` vectors of memory, at least k + 2.
    Law: residuals at most `tolerance` x |E|, or status says that it was not reached.
    """
    m = min(basis or basis_size(k), product.dim)
    v = jax.random.normal(key, (product.dim,), dtype or product.dtype)
    scale = 0.0  # of H, in case that the subspace holds nothing but states of energy 0
    if project is not None:
        scale, length = jnp.linalg.norm(eqx.filter_jit(product)(v)) / jnp.linalg.norm(v), jnp.linalg.norm(v)
        v = project(v)
        if jnp.linalg.norm(v) < 1e-10 * length:
            return Spectrum(np.zeros(0), v[None][:0], np.zeros(0), 0, "done")  # the subspace is empty
    V = jnp.zeros((m + 1, product.dim), v.dtype).at[0].set(v / jnp.linalg.norm(v).astype(v.dtype))
    kept, T, products = 0, np.zeros((m, m), v.dtype), 0
    for cycle in range(cycles):
        V, columns, betas = extend(product, project, V, kept, scale)
        products += m - kept
        T[:, kept:] = np.asarray(columns)[kept:].T
        closed = np.flatnonzero(np.asarray(betas)[kept:] == 0)
        size = kept + 1 + int(closed[0]) if len(closed) else m
        energies, U = np.linalg.eigh(T[:size, :size], "U")
        residuals = float(betas[-1]) * np.abs(U[-1])
        allowed = tolerance * np.maximum(np.abs(energies[:k]), 1e-3)
        done = bool((residuals[:k] <= allowed).all()) or size < m or m == product.dim
        progress(cycle + 1, cycles, f"Lanczos: E_0 = {energies[0]:.10g}")
        keep = min(k, size) if done else min(k + (m - k) // 2, m - 2)
        V = restart(V, jnp.asarray(np.pad(U[:, :keep], ((0, m - size), (0, 0))), V.dtype), keep)
        if done:
            break
        T = np.zeros_like(T)
        T[np.arange(keep), np.arange(keep)] = energies[:keep]
        kept = keep
    status = "done" if done else f"residual {residuals[:k].max():.1e} after {products} products; allow more cycles"
    return Spectrum(energies[:k], V[: len(energies[:k])], residuals[:k], products, status)


@eqx.filter_jit
def extend(product, project, V, kept, scale):
    """Krylov vectors `kept` + 1 to m; the upper triangle of H in the basis, by columns; the norms β."""
    m = len(V) - 1

    def one(j, state):
        V, columns, betas = state
        within = product if project is None else lambda v: project(product(v))
        V, h, beta = lanczos_step(within, V, j, jnp.maximum(scale, betas.max()))
        return V, columns.at[j].set(h), betas.at[j].set(beta)

    return jax.lax.fori_loop(kept, m, one, (V, jnp.zeros((m, m), V.dtype), jnp.zeros(m)))


def lanczos_step(
    product, V: Shaped[Array, "m1 dim"], j, scale: float | Float[Array, ""] = 0.0
) -> tuple[Shaped[Array, "m1 dim"], Shaped[Array, " m"], Array]:
    """β v_{j+1} = H v_j - Σ_i h_i v_i: V with v_{j+1}, the h (rows of V beyond j are zero), and β.

    The largest part, along v_j, is taken off first; after it one pass over all vectors leaves them orthogonal, unless
    it leaves little, when another is made.  Where nothing is left, beside |H v| or `scale`, the vectors span an
    invariant subspace: β = 0 and v_{j+1} = 0.
    """
    w = product(V[j])
    length = jnp.linalg.norm(w)
    alpha = jnp.vdot(V[j], w)
    w, h = orthogonal_part(V, w - alpha * V[j])
    beta = jnp.linalg.norm(w)
    w, more = jax.lax.cond(beta < 0.1 * length, lambda: orthogonal_part(V, w), lambda: (w, jnp.zeros_like(h)))
    beta = jnp.linalg.norm(w)
    beta = jnp.where(beta > CLOSED * jnp.maximum(length, scale), beta, 0)
    w = jnp.where(beta > 0, w / jnp.where(beta > 0, beta, 1).astype(w.dtype), jnp.zeros_like(w))
    return V.at[j + 1].set(w), (h + more).at[j].add(alpha)[:-1], beta


def orthogonal_part(V: Shaped[Array, "m dim"], w: Shaped[Array, " dim"]) -> tuple[Array, Array]:
    """W - Σ_i h_i v_i, h_i = <v_i|w>."""
    h = (V @ w.conj()).conj()
    return w - h @ V, h


@partial(jax.jit, static_argnums=2, donate_argnums=0)
def restart(V, U, keep: int):
    """The Ritz vectors, and after them the residual, which is common to all of them."""
    ritz = U.T @ V[:-1]
    return jnp.zeros_like(V).at[:keep].set(ritz).at[keep].set(V[-1])
