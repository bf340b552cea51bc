# SPDX-License-Identifier: Apache-2.0
"""The two halves of a checkerboard, (Σ_μ r_μ) mod 2 = 0 or 1, on a periodic lattice of any dimension.

A coupling layer leaves one half still and moves the other.  All tables of indices are made once, with NumPy; the
adjoint of each gather is written down as a gather, since scattering is slow.
"""

from functools import lru_cache
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

__all__ = ["halves", "merge", "neighborhood", "neighbors_of", "split"]

Shape = tuple[int, ...]


@lru_cache(maxsize=64)
def halves(shape: Shape, parity: int) -> tuple[Int[np.ndarray, " still"], Int[np.ndarray, " moved"]]:
    """Flat indices of the still and of the moved sites, each in lattice order; `parity` is that of the moved ones."""
    parities = np.indices(shape).sum(axis=0).ravel() % 2
    return np.flatnonzero(parities != parity), np.flatnonzero(parities == parity)


@lru_cache(maxsize=64)
def order(shape: Shape, parity: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The permutation that puts the still sites before the moved ones, and its inverse."""
    forth = np.concatenate(halves(shape, parity))
    return tuple(forth.tolist()), tuple(np.argsort(forth).tolist())


def split(x: Float[Array, "*site"], parity: int) -> tuple[Float[Array, " still"], Float[Array, " moved"]]:
    """x on the still half and x on the moved half."""
    forth, back = order(x.shape, parity)
    y = permute(forth, back, x.ravel())
    still = len(halves(x.shape, parity)[0])
    return y[:still], y[still:]


def merge(
    still: Float[Array, " still"], moved: Float[Array, " moved"], shape: Shape, parity: int
) -> Float[Array, "*site"]:
    """The lattice put together again.  Law: undoes `split`."""
    forth, back = order(shape, parity)
    return permute(back, forth, jnp.concatenate([still, moved])).reshape(shape)


@jax.custom_vjp
def permute_by(x, forth, back):
    """x[forth]; `back`, the inverse permutation, serves the adjoint."""
    return x[forth]


permute_by.defvjp(
    lambda x, forth, back: (x[forth], (forth, back)), lambda r, g: (permute_by(g, r[1], r[0]), None, None)
)


def permute(forth: tuple[int, ...], back: tuple[int, ...], x: Float[Array, " n"]) -> Float[Array, " n"]:
    """x[forth], whose adjoint is y[back]."""
    return permute_by(x, np.asarray(forth, np.int32), np.asarray(back, np.int32))


@lru_cache(maxsize=64)
def neighborhood(shape: Shape, radius: int) -> tuple[tuple[int, ...], ...]:
    """Offsets to the sites of the other parity that are at most `radius` steps away, Σ_μ |o_μ| odd and <= radius.

    On a small torus each site is named once.  Needs even sides: else the checkerboard does not close.
    """
    if any(side % 2 for side in shape):
        raise ValueError(f"expected a lattice with even sides for a local coupling; found {shape}; use even sides.")
    spans = [range(-(side // 2), (side + 1) // 2) for side in shape]
    return tuple(o for o in product(*spans) if sum(map(abs, o)) % 2 == 1 and sum(map(abs, o)) <= radius)


@lru_cache(maxsize=64)
def tables(shape: Shape, parity: int, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Still neighbor number k of each moved site, and moved site whose neighbor number k a still site is."""
    still, moved = halves(shape, parity)
    number = np.empty(int(np.prod(shape)), np.int32)
    number[still], number[moved] = np.arange(len(still)), np.arange(len(moved))
    offsets = np.array(neighborhood(shape, radius)).T  # [d, k]

    def at(sites: np.ndarray, sign: int) -> np.ndarray:
        position = np.array(np.unravel_index(sites, shape))[:, :, None] + sign * offsets[:, None, :]
        return number[np.ravel_multi_index(tuple(position % np.array(shape)[:, None, None]), shape)]

    return at(moved, 1), at(still, -1)


def neighbors_of(x: Float[Array, " still"], shape: Shape, parity: int, radius: int) -> Float[Array, "moved k"]:
    """x_(r + o_k) for every moved site r and every offset of the neighborhood."""
    return gather(x, *tables(shape, parity, radius))


@jax.custom_vjp
def gather(x, forth, back):
    """x[forth]; `back` says where each entry of x went."""
    return x[forth]


def gather_adjoint(back, g):
    """Σ_k g at the places where x_i went."""
    return g[back, np.arange(back.shape[1])].sum(axis=1), None, None


gather.defvjp(lambda x, forth, back: (x[forth], back), gather_adjoint)
