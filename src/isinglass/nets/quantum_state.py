# SPDX-License-Identifier: Apache-2.0
"""Wavefunctions: x -> ln ψ(x), one configuration at a time, ψ not normalized."""

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Shaped

__all__ = ["AbstractQuantumState", "AbstractWalker", "Anew", "changed", "levels_of"]


class AbstractWalker(eqx.Module):
    """ln ψ along a walk, from what is kept of the last place.  Law: equal to ln ψ evaluated anew."""

    @abstractmethod
    def keep(self, x: Float[Array, " N"]) -> Any:
        """What is worth keeping of x."""

    @abstractmethod
    def move(
        self, kept: Any, x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], Any]:
        """ln ψ(x')/ψ(x) where x' is x with `y` at `sites`, and what is worth keeping of x'.

        A site that comes again has no effect from its second time on: tables are filled up with their first site.
        """


class AbstractQuantumState(eqx.Module):
    """A wavefunction ψ(x), x as `HilbertSpace.variables` gives it."""

    @abstractmethod
    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """ln ψ(x), real or complex."""

    @abstractmethod
    def walker(self) -> AbstractWalker:
        """The quickest way to follow ln ψ along a walk."""


class Kept(NamedTuple):
    """Of a walk without tables."""

    log_psi: Shaped[Array, ""]


class Anew(AbstractWalker):
    """Evaluate ψ anew at each place."""

    state: AbstractQuantumState

    def keep(self, x):
        """ln ψ(x)."""
        return Kept(self.state.log_psi(x))

    def move(self, kept, x, sites, y):
        """One evaluation."""
        new = self.state.log_psi(changed(x, sites, y))
        return new - kept.log_psi, Kept(new)


def changed(x: Shaped[Array, " N"], sites: Int[Array, " C"], y: Shaped[Array, " C"]) -> Shaped[Array, " N"]:
    """X with y at `sites`; the first of equal sites counts."""
    first = sites[None] == sites[:, None]
    use = y[jnp.argmax(first, axis=1)]
    return x.at[sites].set(use.astype(x.dtype))


def as_complex(z: Shaped[Array, "*any"]) -> Shaped[Array, "*any"]:
    """With an imaginary part."""
    return jax.lax.complex(z, jnp.zeros_like(z)) if not jnp.iscomplexobj(z) else z


def levels_of(x: Float[Array, "*site"], levels: int) -> Int[Array, "*site"]:
    """n = (d - 1)(1 - x)/2, the level of each site.  Law: the inverse of `HilbertSpace.variables`."""
    return jnp.round((1 - x) * (levels - 1) / 2).astype(jnp.int32)
