# SPDX-License-Identifier: Apache-2.0
"""Markov chains of basis states with the law |ψ|², all at once.  Metropolis et al. 1953, doi:10.1063/1.1699114."""

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.quantum_state import AbstractQuantumState, AbstractWalker, changed
from isinglass.systems.hamiltonian import Hamiltonian
from isinglass.systems.hilbert_space import HilbertSpace

__all__ = ["AbstractMove", "Exchange", "Flip", "Hop", "move_for", "sweeps"]


class AbstractMove(eqx.Module):
    """A proposal, as likely as its reverse."""

    @abstractmethod
    def propose(
        self, key: Key[Array, ""], n: Int[Array, " N"], space: HilbertSpace
    ) -> tuple[Int[Array, " C"], Int[Array, " C"]]:
        """Sites, and their new levels."""


class Flip(AbstractMove):
    """One site takes another level, each equally likely."""

    def propose(self, key, n, space):
        """A site, a shift of 1 ... d-1."""
        key_site, key_shift = jax.random.split(key)
        i = jax.random.randint(key_site, (1,), 0, space.n_sites)
        shift = 1 if space.levels == 2 else jax.random.randint(key_shift, (1,), 1, space.levels)
        return i, jnp.mod(n[i].astype(jnp.int32) + shift, space.levels)


class Exchange(AbstractMove):
    """Two sites of one bond exchange their levels: sums of n stay."""

    bonds: Int[np.ndarray, "B 2"]

    def propose(self, key, n, space):
        """A bond."""
        sites = jnp.asarray(self.bonds)[jax.random.randint(key, (), 0, len(self.bonds))]
        return sites, n[sites[::-1]]


class Hop(AbstractMove):
    """One quantum goes from one end of a bond to the other; where there is none, or no room, nothing happens."""

    bonds: Int[np.ndarray, "B 2"]

    def propose(self, key, n, space):
        """A bond and a direction, each equally likely."""
        key_bond, key_turn = jax.random.split(key)
        sites = jnp.asarray(self.bonds)[jax.random.randint(key_bond, (), 0, len(self.bonds))]
        sites = jnp.where(jax.random.bernoulli(key_turn), sites, sites[::-1])
        levels = n[sites] + jnp.array([-1, 1], n.dtype)  # n is signed
        possible = (levels[0] >= 0) & (levels[1] < space.levels)
        return sites, jnp.where(possible, levels, n[sites])


def move_for(hamiltonian: Hamiltonian) -> AbstractMove:
    """Flips where nothing is conserved; else exchanges, for more than two levels hops, over the bonds that H moves."""
    space = hamiltonian.space
    if not space.conserved:
        return Flip()
    pairs = hamiltonian.moved[:, :2] if hamiltonian.moved.shape[1] > 1 else np.zeros((0, 2), np.int32)
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    if not len(pairs):
        raise ValueError("Expected a Hamiltonian that moves something over bonds, found none; leave the sector open.")
    return Exchange(pairs) if space.levels == 2 else Hop(pairs)


def sweeps(
    key: Key[Array, ""], n: Int[Array, "R N"], state: AbstractQuantumState, space: HilbertSpace, move: AbstractMove,
    steps: int,
) -> tuple[Int[Array, "R N"], Float[Array, ""]]:  # fmt: skip
    """So many proposals in each of R chains, accepted with probability min(1, |ψ(x')/ψ(x)|²); the share accepted."""
    walker = state.walker()
    start = jax.vmap(lambda n: walker.keep(space.variables(n, float)))(n)
    key_move, key_accept = jax.random.split(key)
    keys = jax.random.split(key_move, (steps, len(n)))
    threshold = jnp.log(jax.random.uniform(key_accept, (steps, len(n))))

    def one(carry, random):
        (n, kept), (keys, threshold) = carry, random
        n, kept, accepted = jax.vmap(lambda *a: step(walker, space, move, *a))(keys, threshold, n, kept)
        return (n, kept), accepted.mean()

    (n, _), accepted = jax.lax.scan(one, (n, start), (keys, threshold))
    return n, accepted.mean()


def step(
    walker: AbstractWalker, space: HilbertSpace, move: AbstractMove, key, threshold: Float[Array, ""],
    n: Int[Array, " N"], kept,
) -> tuple[Int[Array, " N"], Shaped[Array, "..."], Array]:  # fmt: skip
    """The Metropolis step of one chain."""
    sites, levels = move.propose(key, n, space)
    log_ratio, new = walker.move(kept, space.variables(n, float), sites, space.variables(levels, float))
    accepted = threshold < 2 * jnp.real(log_ratio)
    choose = lambda a, b: jnp.where(accepted, a, b)  # noqa: E731
    return choose(changed(n, sites, levels), n), jax.tree.map(choose, new, kept), accepted
