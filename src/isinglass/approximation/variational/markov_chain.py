# SPDX-License-Identifier: Apache-2.0
"""Markov chains of basis states with the law |ψ|², all at once.  Metropolis et al. 1953, doi:10.1063/1.1699114."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState, AbstractWalker, changed
from isinglass.systems.quantum.conserved import conserved, joined
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["AbstractMove", "Either", "Exchange", "Flip", "HamiltonianMove", "Hop", "bonds_of",
           "move_for", "sweeps", "walk_error"]  # fmt: skip

ROUND = 1e-12  # matrix elements below it, relative to the largest, count as zero


class AbstractMove(eqx.Module):
    """A proposal, as likely as its reverse and independent of the state, so that a whole walk is sampled at once."""

    @abstractmethod
    def draw(self, key: Key[Array, ""], shape: tuple[int, ...], space: HilbertSpace) -> Int[Array, "*shape K"]:
        """A proposal, uniform over all there are."""

    @abstractmethod
    def apply(
        self, choice: Int[Array, " K"], n: Int[Array, " N"], space: HilbertSpace
    ) -> tuple[Int[Array, " C"], Int[Array, " C"]]:
        """The sites that change, all different, and their new levels."""


class Flip(AbstractMove):
    """One site takes another level, each equally likely."""

    def draw(self, key, shape, space):
        """A site, a shift of 1 ... d-1."""
        return uniform(key, shape, (space.n_sites, space.levels - 1))

    def apply(self, choice, n, space):
        """n + shift, modulo d."""
        levels = n[choice[:1]].astype(jnp.int32) + 1 + choice[1:]
        return choice[:1], jnp.mod(levels, space.levels)


class Exchange(AbstractMove):
    """Two sites of one bond exchange their levels: sums of n stay."""

    bonds: Int[np.ndarray, "B 2"]

    def draw(self, key, shape, space):
        return jnp.asarray(self.bonds)[uniform(key, shape, (len(self.bonds),))[..., 0]]

    def apply(self, choice, n, space):
        return choice, n[choice[::-1]].astype(jnp.int32)


class Hop(AbstractMove):
    """One quantum goes from one end of a bond to the other; where there is none, or no room, nothing happens."""

    bonds: Int[np.ndarray, "B 2"]

    def draw(self, key, shape, space):
        """A bond and a direction, each equally likely."""
        bonds = jnp.asarray(self.bonds)
        both = jnp.concatenate([bonds, bonds[:, ::-1]])
        return both[uniform(key, shape, (len(both),))[..., 0]]

    def apply(self, choice, n, space):
        """One quantum from the first site to the second."""
        here = n[choice].astype(jnp.int32)
        levels = here + jnp.array([-1, 1], jnp.int32)
        possible = (levels[0] >= 0) & (levels[1] < space.levels)
        return choice, jnp.where(possible, levels, here)


class HamiltonianMove(AbstractMove):
    """One of the ways in which H moves: n + s_m where <n + s_m|H|n> is not zero, else nothing happens.

    Symmetric because H is Hermitian: n + s_m returns by the way -s_m, and the element is zero for both or for neither.
    Law: stays in every sector of H, and reaches whatever H connects.
    """

    hamiltonian: Hamiltonian

    def draw(self, key, shape, space):
        return uniform(key, shape, (len(self.hamiltonian.moved),))

    def apply(self, choice, n, space):
        m, moves = choice[0], self.hamiltonian.moves
        weight = jax.tree.map(lambda rows: jnp.asarray(rows)[m], moves)(n)
        possible = jnp.abs(weight) > ROUND * jnp.abs(jnp.asarray(moves.c)).max()
        sites = jnp.asarray(self.hamiltonian.moved)[m]
        here = n[sites].astype(jnp.int32)
        there = jnp.mod(here + jnp.asarray(self.hamiltonian.shifts)[m], space.levels)
        return sites, jnp.where(possible, there, here)


class Either(AbstractMove):
    """A move of one kind or of another, each equally likely: one between sectors of H, and one within them."""

    first: AbstractMove
    second: AbstractMove

    def draw(self, key, shape, space):
        """Which of the two, and a choice of each."""
        key_which, *keys = jax.random.split(key, 3)
        each = [move.draw(k, shape, space) for move, k in zip((self.first, self.second), keys, strict=True)]
        return jnp.concatenate([uniform(key_which, shape, (2,)), *each], axis=-1)

    def apply(self, choice, n, space):
        """That of the chosen kind; where it changes fewer sites, others stay as they are."""
        end = 1 + jax.eval_shape(lambda: self.first.draw(jax.random.key(0), (), space)).shape[-1]
        ways = self.first.apply(choice[1:end], n, space), self.second.apply(choice[end:], n, space)
        width = max(len(sites) for sites, _ in ways)
        first, second = (widened(*way, width, n) for way in ways)
        return jax.tree.map(lambda a, b: jnp.where(choice[0] == 0, a, b), first, second)


def widened(
    sites: Int[Array, " c"], levels: Int[Array, " c"], width: int, n: Int[Array, " N"]
) -> tuple[Int[Array, " C"], Int[Array, " C"]]:
    """The change of `width` sites: the same, and others that keep their levels."""
    if len(sites) == width:
        return sites.astype(jnp.int32), levels
    others = jnp.argsort(jnp.zeros(len(n), bool).at[sites].set(True), stable=True)[: width - len(sites)]
    others = others.astype(jnp.int32)
    return jnp.concatenate([sites.astype(jnp.int32), others]), jnp.concatenate([levels, n[others].astype(jnp.int32)])


def uniform(key: Key[Array, ""], shape: tuple[int, ...], ends: tuple[int, ...]) -> Int[Array, "*shape K"]:
    """Whole numbers below each end; where only 0 is possible, none is sampled."""
    keys = jax.random.split(key, len(ends))
    each = [jax.random.randint(k, shape, 0, end, jnp.int32) if end > 1 else jnp.zeros(shape, jnp.int32)
            for k, end in zip(keys, ends, strict=True)]  # fmt: skip
    return jnp.stack(each, axis=-1)


def move_for(hamiltonian: Hamiltonian) -> AbstractMove:
    """Moves that reach the whole space, whatever H conserves beside what defines it: its sectors compete.

    Flips where nothing is conserved; else exchanges, for more than two levels hops, over the bonds that H moves and
    over bonds between the pieces into which these fall.  Beside them H's own moves where it moves other than two sites
    at once, or conserves what flips change.
    Errors: ValueError for a sector of one site.
    """
    space, own = hamiltonian.space, HamiltonianMove(hamiltonian)
    if not space.conserved:
        return Either(Flip(), own) if conserved(hamiltonian).hidden and len(hamiltonian.moved) else Flip()
    pairs = bonds_of(hamiltonian)
    if not len(pairs):
        raise ValueError("Expected two sites or more to move between, found one; leave the sector open.")
    between = Exchange(pairs) if space.levels == 2 else Hop(pairs)
    return between if ((hamiltonian.shifts != 0).sum(axis=1) == 2).all() else Either(between, own)


def bonds_of(hamiltonian: Hamiltonian) -> Int[np.ndarray, "B 2"]:
    """Pairs of sites that H moves together within a conserved sum, and those that join what they leave apart."""
    space, width = hamiltonian.space, hamiltonian.moved.shape[1]
    near = [hamiltonian.moved[:, k : k + 2] for k in range(width - 1)]
    pairs = np.unique(np.sort(np.concatenate([*near, np.zeros((0, 2), np.int32)]), axis=1), axis=0)
    shared = [any(i in sites and j in sites for sites, _ in space.conserved) for i, j in pairs.tolist()]
    pairs = pairs[np.array(shared, bool)]
    return np.concatenate([pairs, *(joined(pairs, sites) for sites, _ in space.conserved)])


def sweeps(
    key: Key[Array, ""], n: Int[Array, "R N"], state: AbstractQuantumState, space: HilbertSpace, move: AbstractMove,
    steps: int, betas: Float[Array, " R"] | None = None,
) -> tuple[Int[Array, "R N"], Float[Array, ""]]:  # fmt: skip
    """Proposals in each of R chains, accepted with probability min(1, |ψ(x')/ψ(x)|²); new states and acceptance.

    With `betas`, the law of each chain is |ψ|^2β.
    """
    walker = state.walker()
    kept = jax.vmap(lambda n: walker.keep(space.variables(n, float)))(n)
    key_move, key_accept = jax.random.split(key)
    choices = move.draw(key_move, (steps, len(n)), space)
    u = jax.random.uniform(key_accept, (steps, len(n)))
    u = u if betas is None else u ** (1 / betas)[None]

    def one(carry, random):
        n, kept, accepted = carry
        n, kept, yes = jax.vmap(lambda *a: step(walker, space, move, *a))(*random, n, kept)
        return (n, kept, accepted + yes.astype(jnp.int32)), None

    count = jnp.zeros(len(n), jnp.int32)
    (n, _, count), _ = jax.lax.scan(one, (n, kept, count), (choices, u))
    return n, count.mean() / steps


def walk_error(key: Key[Array, ""], state: AbstractQuantumState, hamiltonian: Hamiltonian) -> Float[Array, ""]:
    """Largest |ψ(x')/ψ(x) - exp(ln ψ(x') - ln ψ(x))|, relative to at least 1, along 8 walks of 4 moves.

    Law: round-off.  Moves to or from ψ = 0 do not count.
    """
    return tried_walks(key, state, hamiltonian.space, move_for(hamiltonian))


@eqx.filter_jit
def tried_walks(
    key: Key[Array, ""], state: AbstractQuantumState, space: HilbertSpace, move: AbstractMove
) -> Float[Array, ""]:
    """The largest error of `walk_error`."""
    walker = state.walker()

    def one(carry, choice):
        n, kept = carry
        sites, levels = move.apply(choice, n, space)
        x, new = space.variables(n, float), changed(n, sites, levels)
        ratio, kept = walker.move(kept, x, sites, space.variables(levels, float))
        true = jnp.exp(state.log_psi(space.variables(new, float)) - state.log_psi(x))
        error = jnp.abs(ratio - true) / jnp.maximum(1, jnp.abs(true))
        return (new, kept), jnp.where(jnp.isfinite(true) & (true != 0), error, 0.0)

    def walk(key):
        n = space.random_state(key)
        choices = move.draw(jax.random.fold_in(key, 1), (4,), space)
        return jax.lax.scan(one, (n, walker.keep(space.variables(n, float))), choices)[1]

    return jax.vmap(walk)(jax.random.split(key, 8)).max()


def step(
    walker: AbstractWalker, space: HilbertSpace, move: AbstractMove, choice: Int[Array, " K"], u: Float[Array, ""],
    n: Int[Array, " N"], kept,
) -> tuple[Int[Array, " N"], Any, Array]:  # fmt: skip
    """The Metropolis step of one chain."""
    sites, levels = move.apply(choice, n, space)
    ratio, new = walker.move(kept, space.variables(n, float), sites, space.variables(levels, float))
    accepted = u < jnp.abs(ratio) ** 2
    choose = lambda a, b: jnp.where(accepted, a, b)  # noqa: E731
    return choose(changed(n, sites, levels), n), jax.tree.map(choose, new, kept), accepted
