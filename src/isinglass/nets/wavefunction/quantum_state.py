# SPDX-License-Identifier: Apache-2.0
"""Wavefunctions: x -> ln ψ(x), one configuration at a time, ψ not normalized."""

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key, Shaped

__all__ = [
    "AbstractDirectState",
    "AbstractOuterState",
    "AbstractQuantumState",
    "AbstractWalker",
    "PlainWalker",
    "changed",
    "levels_of",
]


class AbstractWalker(eqx.Module):
    """Ratios of ψ along a Markov chain, from what is kept of the last configuration.

    Law: the same ratios as from ψ itself.
    """

    @abstractmethod
    def keep(self, x: Float[Array, " N"]) -> Any:
        """What is kept of x to make the next ratio cheap."""

    @abstractmethod
    def move(
        self, kept: Any, x: Float[Array, " N"], sites: Int[Array, " C"], y: Float[Array, " C"]
    ) -> tuple[Shaped[Array, ""], Any]:
        """ψ(x')/ψ(x) where x' is x with `y` at `sites`, all different, and what is kept of x'."""


class AbstractQuantumState(eqx.Module):
    """A wavefunction ψ(x), x as `HilbertSpace.variables` gives it.

    A class in this folder with `words` is an ansatz by these words, made untrained by its class method
    `made_for(key, setting)`: see `ansatz_setting.py`.
    """

    words: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def log_psi(self, x: Float[Array, " N"]) -> Shaped[Array, ""]:
        """ln ψ(x), real or complex."""

    @abstractmethod
    def walker(self) -> AbstractWalker:
        """The cheapest walker for ratios of this ψ."""


class AbstractOuterState(AbstractQuantumState):
    """A state whose logarithmic derivatives are an outer product, as those of a dense layer: O_ij = l_i r_j."""

    @abstractmethod
    def factors(self, x: Float[Array, " N"]) -> tuple[Float[Array, " m"], Shaped[Array, " n"]]:
        """l and r; a constant O_ij, which has no effect, may be among them."""

    @abstractmethod
    def assembled(self, delta: Shaped[Array, " P"]) -> "AbstractOuterState":
        """A state with the parameters δ_ij."""


class AbstractDirectState(AbstractQuantumState):
    """A normalized state that samples |ψ|² without a Markov chain."""

    @abstractmethod
    def sample(self, key: Key[Array, ""], n: int) -> Int[Array, "n N"]:
        """n independent basis states with probability |ψ(x)|²."""


class Kept(NamedTuple):
    """Kept without tables: ln ψ of the last configuration."""

    log_psi: Shaped[Array, ""]


class PlainWalker(AbstractWalker):
    """ψ(x')/ψ(x) = exp(ln ψ(x') - ln ψ(x)): one evaluation of ψ at each move."""

    state: AbstractQuantumState

    def keep(self, x):
        return Kept(self.state.log_psi(x))

    def move(self, kept, x, sites, y):
        new = self.state.log_psi(changed(x, sites, y))
        return jnp.exp(new - kept.log_psi), Kept(new)


def changed(x: Shaped[Array, " N"], sites: Int[Array, " C"], y: Shaped[Array, " C"]) -> Shaped[Array, " N"]:
    """x with y at `sites`: by selection, which is quicker than a scatter for many chains."""
    at = jnp.arange(x.shape[0], dtype=sites.dtype)
    for k in range(sites.shape[0]):
        x = jnp.where(at == sites[k], y[k].astype(x.dtype), x)
    return x


def as_complex(z: Shaped[Array, "*any"]) -> Shaped[Array, "*any"]:
    """z as complex numbers of the same precision."""
    return jax.lax.complex(z, jnp.zeros_like(z)) if not jnp.iscomplexobj(z) else z


def levels_of(x: Float[Array, "*site"], levels: int) -> Int[Array, "*site"]:
    """n = (d - 1)(1 - x)/2, the level of each site.  Law: the inverse of `HilbertSpace.variables`."""
    return jnp.round((1 - x) * (levels - 1) / 2).astype(jnp.int32)
