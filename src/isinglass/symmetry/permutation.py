# SPDX-License-Identifier: Apache-2.0
"""The group of all permutations of n things: of rows, of the pairs between them, and its sign."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = ["Permutation", "PermutationOfPairs", "PermutationSign"]


def random_order(key, n: int) -> Int[Array, " n"]:
    """π(0) ... π(n - 1), uniform among the n!."""
    return jax.random.permutation(key, n)


@dataclass(frozen=True)
class Permutation(AbstractSymmetry):
    """x_i -> x_π(i) of rows x [n, ...].  Its actions: "pair" on x [n, n, ...], "sign" on what fermions have."""

    n: int

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """π uniform."""
        return x[random_order(key, self.n)]

    def actions(self) -> dict[str, AbstractSymmetry]:
        """On pairs, and by the sign."""
        return {"pair": PermutationOfPairs(self.n), "sign": PermutationSign(self.n)}


@dataclass(frozen=True)
class PermutationOfPairs(AbstractSymmetry):
    """A_ij -> A_π(i)π(j): bonds of a graph, distances."""

    n: int

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        order = random_order(key, self.n)
        return x[order][:, order]


@dataclass(frozen=True)
class PermutationSign(AbstractSymmetry):
    """y -> sgn(π) y, the antisymmetry of fermions."""

    n: int

    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """-1 for an odd number of pairs in wrong order."""
        order = random_order(key, self.n)
        i, j = jnp.triu_indices(self.n, 1)
        odd = (order[i] > order[j]).sum() % 2
        return jnp.where(odd == 1, -x, x)
