# SPDX-License-Identifier: Apache-2.0
"""Groups of permutations of sites, (g x)_i = x_{g(i)}: a row g(0) ... g(N-1) for each element; and characters."""

import numpy as np
from jaxtyping import Complex, Float, Int, Shaped

from isinglass.symmetry.permutation_group import PermutationGroup

__all__ = ["Pairs", "Rows", "as_characters", "as_complex_pairs", "as_rows", "multiplication_table"]

Rows = tuple[tuple[int, ...], ...]  # a table of permutations as a setting that JSON can hold
Pairs = tuple[tuple[float, float], ...]  # characters likewise: real and imaginary part


def as_rows(perms: Int[np.ndarray, "G N"] | Rows) -> Rows:
    """The table as a setting.

    Errors: ValueError where a row is no permutation.
    """
    table = np.asarray(perms)
    if table.ndim != 2 or not table.size or (np.sort(table, axis=1) != np.arange(table.shape[1])).any():
        raise ValueError(f"Expected rows that permute 0 ... N-1, found a table of shape {table.shape}; fix its rows.")
    return tuple(map(tuple, table.tolist()))


def multiplication_table(perms: Rows) -> Int[np.ndarray, "G G"]:
    """t with g_{t(a, b)}(i) = g_a(g_b(i)).  Law: every row and every column holds each element once.

    Errors: ValueError where a product is missing or an element comes twice.
    Cost: G² N.
    """
    sites = np.asarray(perms)
    if len(np.unique(sites, axis=0)) < len(sites):
        raise ValueError(f"Expected different permutations, found one twice among {len(sites)}; leave it out.")
    return PermutationGroup(sites, np.zeros(len(sites), bool)).table()


def as_complex_pairs(characters: Shaped[np.ndarray, " characters"] | Pairs | None, order: int) -> Pairs:
    """Characters as a setting; None: the trivial representation, 1 for each of the `order` elements.

    Errors: ValueError where their number is another.
    """
    if characters is None:
        return ((1.0, 0.0),) * order
    given = np.asarray(characters)
    pairs = given if given.ndim == 2 else np.stack([np.real(given), np.imag(given)], axis=-1)
    if pairs.shape != (order, 2):
        raise ValueError(
            f"Expected {order} characters, one for each element, found shape {given.shape}; give one for each."
        )
    return tuple((float(re), float(im)) for re, im in pairs)


def as_characters(pairs: Pairs) -> Float[np.ndarray, " G"] | Complex[np.ndarray, " G"]:
    """χ_g again, real where all of them are."""
    values = np.asarray(pairs)
    return values[:, 0] if not values[:, 1].any() else values[:, 0] + 1j * values[:, 1]
