# SPDX-License-Identifier: Apache-2.0
"""Irreducible parts l = 0, 1, ... of parity (-1)^l: spherical harmonics, their products, symmetric powers.

Real harmonics and Clebsch-Gordan coefficients are e3nn's, component-normalized: Σ_m Y_lm² = 2 l + 1.
Ref: Geiger and Smidt 2022, arXiv:2207.09453.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.errors import InputError

__all__ = ["SymmetricPower", "coupling", "harmonics", "product_paths", "symmetric_power"]


def e3nn() -> Any:
    """The package e3nn-jax.  Errors: InputError with the line that installs it."""
    try:
        import e3nn_jax
    except ImportError:
        raise InputError("e3nn-jax", "none", "install it: pip install 'isinglass[atoms]'") from None
    return e3nn_jax


def names(l_max: int) -> str:
    """The parts up to l_max, in e3nn's words: 0e + 1o + 2e + ..."""
    return "+".join(f"{l}{'eo'[l % 2]}" for l in range(l_max + 1))  # noqa: E741


def harmonics(u: Float[Array, "*n 3"], l_max: int) -> list[Float[Array, "*n _"]]:
    """Y_l(u) of unit vectors, l = 0 .. l_max.  Law: Y_l(R u) = D_l(R) Y_l(u)."""
    Y = e3nn().spherical_harmonics(names(l_max), u, normalize=False, normalization="component").array
    return [Y[..., l * l : (l + 1) ** 2] for l in range(l_max + 1)]  # noqa: E741


@lru_cache
def coupling(a: int, b: int, c: int) -> Float[np.ndarray, "a b c"]:
    """C with (x ⊗ y)_k = Σ_ij C_ijk x_i y_j, of parts a, b to part c; component-normalized."""
    return np.asarray(e3nn().clebsch_gordan(a, b, c), float) * np.sqrt(2 * c + 1)


def product_paths(a_max: int, b_max: int, c_max: int) -> list[tuple[int, int, int]]:
    """(a, b, c) by which parts a ⊗ b give part c, with |a - b| ≤ c ≤ a + b and a + b + c even."""
    return [
        (a, b, c)
        for a in range(a_max + 1)
        for b in range(b_max + 1)
        for c in range(abs(a - b), min(a + b, c_max) + 1)
        if (a + b + c) % 2 == 0
    ]


class SymmetricPower(NamedTuple):
    """Part L of the symmetric power A ⊗ ... ⊗ A, as polynomials of the (l_max + 1)² numbers A."""

    monomial: Int[np.ndarray, "terms nu"]  # the factors A_s of each product
    weight: Float[np.ndarray, "terms paths m"]  # B_pm = Σ_t weight_tpm Π_k A_(monomial_tk)


@lru_cache
def symmetric_power(nu: int, l_max: int, L: int) -> SymmetricPower:
    """All ways to couple nu factors to part L of parity (-1)^L, with only those monomials that occur."""
    n = (l_max + 1) ** 2
    basis = e3nn().reduced_symmetric_tensor_product_basis(names(l_max), nu, keep_ir=f"{L}{'eo'[L % 2]}")
    table = np.asarray(basis.array, float).reshape(n**nu, -1)
    factors = np.sort(np.stack(np.unravel_index(np.arange(n**nu), (n,) * nu), axis=1), axis=1)
    monomial, place = np.unique(factors, axis=0, return_inverse=True)
    weight = np.zeros((len(monomial), table.shape[1]))
    np.add.at(weight, place.reshape(-1), table)
    kept = np.abs(weight).max(axis=1) > 1e-9
    return SymmetricPower(monomial[kept], weight[kept].reshape(kept.sum(), -1, 2 * L + 1))


def selection(columns: Int[np.ndarray, " terms"], n: int) -> Float[np.ndarray, "terms n"]:
    """S with (S A)_t = A_(column t): a product whose adjoint is a product, where indexing would scatter."""
    return np.eye(n)[columns]
