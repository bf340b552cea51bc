# SPDX-License-Identifier: Apache-2.0
"""Products of wavefunctions, such as a Jastrow factor times a determinant."""

from functools import reduce
from operator import add, mul
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Shaped

from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker, as_complex

__all__ = ["ProductState", "ProductWalker"]


class ProductState(AbstractQuantumState):
    """ψ(x) = Π_k ψ_k(x).

    Law: ln ψ = Σ ln ψ_k; real where all of them are.  Cost: that of the factors.
    """

    factors: tuple[AbstractQuantumState, ...]

    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        return reduce(add, alike([state.log_psi(x) for state in self.factors]))

    def walker(self) -> "ProductWalker":
        return ProductWalker(tuple(state.walker() for state in self.factors))


class ProductWalker(AbstractWalker):
    """ψ'/ψ = Π_k ψ_k'/ψ_k, each factor with a walker of its own."""

    factors: tuple[AbstractWalker, ...]

    def keep(self, x: Float[Array, " N"]) -> tuple[Any, ...]:
        return tuple(walker.keep(x) for walker in self.factors)

    def move(
        self, kept: tuple[Any, ...], x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], tuple[Any, ...]]:
        """The product of the ratios of all factors."""
        moved = [walker.move(k, x, sites, y) for walker, k in zip(self.factors, kept, strict=True)]
        return reduce(mul, alike([ratio for ratio, _ in moved])), tuple(new for _, new in moved)


def alike(values: list[Shaped[Array, ""]]) -> list[Shaped[Array, ""]]:
    """All of them complex where one is."""
    return [as_complex(z) for z in values] if any(map(jnp.iscomplexobj, values)) else values
