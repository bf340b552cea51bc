# SPDX-License-Identifier: Apache-2.0
"""Work on one atom after another, in blocks that stay in a cache and whose intermediate numbers are never all kept.

Ref: Chen et al. 2016, arXiv:1604.06174, on computing them again.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["energies_in_blocks", "in_blocks"]

BLOCK, WIDE = 32, 2048  # atoms, on a CPU and elsewhere, where memory alone matters


def in_blocks(work: Callable[..., Any], of_atoms: tuple[Any, ...]) -> Any:
    """work(*of_atoms) of arrays whose first axis is the atoms, rows independent of one another, in equal blocks.

    Derivatives compute each block again.  Law: the same as at once, up to rounding.
    Cost: memory of one block beside inputs and outputs.
    """
    n, most = len(jax.tree.leaves(of_atoms)[0]), BLOCK if jax.default_backend() == "cpu" else WIDE
    if n <= most:
        return work(*of_atoms)
    blocks = -(-n // most)
    size = -(-n // blocks)

    def split(a):
        a = jnp.concatenate([a, jnp.broadcast_to(a[-1:], (blocks * size - n, *a.shape[1:]))])
        return a.reshape(blocks, size, *a.shape[1:])

    found = jax.lax.map(jax.checkpoint(lambda block: work(*block)), jax.tree.map(split, of_atoms))
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:])[:n], found)


def energies_in_blocks(
    work: Callable[..., Float[Array, " n"]], weights: Any, of_atoms: tuple[Any, ...]
) -> Float[Array, " n"]:
    """work(weights, *of_atoms), an energy of each atom alone, by `in_blocks`.

    Forces need no second pass: ∂E_i/∂(row i) is taken while the block is in the cache, and kept in place of the block.
    Law: derivatives to any order are those of work.  Cost: memory of one array as large as each of `of_atoms`.
    """
    return energies((weights, of_atoms), work)


def plain(given: tuple[Any, tuple[Any, ...]], work: Callable[..., Float[Array, " n"]]) -> Float[Array, " n"]:
    """E_i of every atom, block by block."""
    weights, of_atoms = given
    return in_blocks(lambda *rows: work(weights, *rows), of_atoms)


energies = eqx.filter_custom_vjp(plain)


@energies.def_fwd
def energies_and_slopes(perturbed, given, work):
    """E_i and its derivatives by row i; none of these where weights are differentiated in the same breath."""
    if any(jax.tree.leaves(perturbed[0])):
        return plain(given, work), None
    weights, of_atoms = given

    def block(*rows):
        def total(real):
            E = work(weights, *eqx.combine(real, other))
            return jnp.sum(E), E

        real, other = eqx.partition(rows, eqx.is_inexact_array)
        slopes, E = jax.grad(total, has_aux=True)(real)
        return E, slopes

    return in_blocks(block, of_atoms)


@energies.def_bwd
def from_slopes(slopes, bar, perturbed, given, work):
    """bar_i ∂E_i/∂(row i)."""
    if slopes is None:
        real, other = eqx.partition(given, eqx.is_inexact_array)
        return jax.vjp(lambda real: plain(eqx.combine(real, other), work), real)[1](bar)[0]
    none = jax.tree.map(lambda _: None, given[0])
    return none, jax.tree.map(lambda slope: slope * bar.reshape(-1, *(1,) * (slope.ndim - 1)), slopes)
