# SPDX-License-Identifier: Apache-2.0
"""The deepest minimum of a cluster: random steps from minimum to minimum, walkers side by side.

Ẽ(x) = min E from x on by L-BFGS; a step to x' = x + s u, u uniform in [-1, 1], is accepted with probability
min(1, exp(-(Ẽ(x') - Ẽ(x))/T)), so that barriers between minima do not count.
Ref: Wales and Doye 1997, doi:10.1021/jp970984n.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from isinglass.approximation.harmonic.relaxation import RelaxedState, after_try, direction
from isinglass.errors import InputError
from isinglass.run.loop import Log, Loop, Steps
from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable

__all__ = ["BasinHopping", "Cluster", "Search", "Walker", "deepest", "quenched"]

BLOCK = 10  # hops of each walker
BOUND = 0.2  # of the energy that binds an atom: 0.7 to 0.9 ε for Lennard-Jones clusters of 13 to 38


class BasinHopping(eqx.Module):
    """How far, how hot, how long.  Unit: Å, eV, or others that belong together."""

    step: float = 0.4  # s
    temperature: Any = None  # T, an energy; None: `BOUND` of what binds an atom
    force: float = 1e-3  # largest |F_i| of a minimum
    evaluations: Any = 500  # for a minimum, at most
    memory: int = eqx.field(static=True, default=10)  # pairs of L-BFGS


class Cluster(eqx.Module):
    """Atoms in the open, all of which may see each other."""

    potential: AbstractInteratomic | Any
    species: Int[Array, " n"]

    def energy(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """E of all pairs within the cutoff; places in the table are those of all pairs."""
        table = self.table(x)
        return jnp.sum(self.potential.atom_energies(self.vectors(x, table), table, self.species))

    def apart(self) -> Float[Array, ""]:
        """E of the same atoms out of each other's reach."""
        far = 2 * self.potential.cutoff * jnp.arange(len(self.species), dtype=float)
        return self.energy(jnp.stack([far, 0 * far, 0 * far], axis=1))

    def table(self, x: Float[Array, "n 3"]) -> NeighborTable:
        """Atom i sees 0 .. i - 1, i + 1 .. n - 1; whom it is too far from is an empty place."""
        index, reverse = all_pairs(len(self.species))
        r = x[index] - x[:, None]
        real = jnp.sum(r * r, axis=-1) < self.potential.cutoff**2
        shift = jnp.zeros((*index.shape, 3), jnp.int8)
        return NeighborTable(jnp.asarray(index), shift, real, jnp.asarray(reverse), jnp.zeros((), bool))

    def vectors(self, x: Float[Array, "n 3"], table: NeighborTable) -> Float[Array, "n K 3"]:
        """r_j - r_i."""
        return table.vectors(x, jnp.zeros((3, 3), x.dtype), self.potential.cutoff)

    def nearest(self, x: Float[Array, "n 3"]) -> Float[Array, ""]:
        """The shortest distance."""
        i, j = np.triu_indices(len(x), 1)
        return jnp.sqrt(jnp.min(jnp.sum((x[i] - x[j]) ** 2, axis=1)))


def all_pairs(n: int) -> tuple[Int[np.ndarray, "n K"], Int[np.ndarray, "n K"]]:
    """j of each place, and the place of (j, i)."""
    i, k = np.indices((n, n - 1))
    j = k + (k >= i)
    return j, j * (n - 1) + i - (i > j)


class Walker(NamedTuple):
    """State: where it is, and the deepest minimum that it has seen."""

    x: Float[Array, "n 3"]
    value: Float[Array, ""]
    best: Float[Array, "n 3"]
    best_value: Float[Array, ""]
    accepted: Int[Array, ""]


class Search(NamedTuple):
    """Walkers after their hops, the deepest energy that each had seen after each hop, the temperature, the start."""

    walkers: Walker
    lowest: Float[np.ndarray, "hops walkers"]
    temperature: float
    start: Float[np.ndarray, " walkers"]  # the energy of the minimum that each start belongs to


def begun(method: BasinHopping, x: Float[Array, "n 3"]) -> RelaxedState:
    """L-BFGS at x before its first evaluation, which is a step of no length from E = ∞."""
    z, no = x.ravel(), jnp.asarray(False)  # noqa: FBT003
    none, one = jnp.zeros((method.memory, len(z)), z.dtype), jnp.ones((), z.dtype)
    return RelaxedState(z, jnp.inf * one, 0 * z, one, none, none, jnp.asarray(0), no, no)


def force(state: RelaxedState) -> Float[Array, ""]:
    """max |F_i|."""
    return jnp.max(jnp.linalg.norm(state.slope.reshape(-1, 3), axis=1))


def going(method: BasinHopping, state: RelaxedState) -> Bool[Array, ""]:
    """Whether it is still on its way down."""
    down = (state.evaluations < method.evaluations) & (force(state) >= method.force) & ~state.stuck
    return down | (state.evaluations == 0)


def lower(cluster: Cluster, method: BasinHopping, state: RelaxedState) -> RelaxedState:
    """One evaluation."""
    s = direction(state)
    longest = jnp.max(jnp.linalg.norm(s.reshape(-1, 3), axis=1))
    s = state.share * s * jnp.minimum(1.0, method.step / jnp.maximum(longest, 1e-30))
    energy = jax.value_and_grad(lambda z: cluster.energy(z.reshape(-1, 3)))
    return after_try(state, s, *energy(state.z + s))


def quenched(
    cluster: Cluster, method: BasinHopping, x: Float[Array, "n 3"]
) -> tuple[Float[Array, "n 3"], Float[Array, ""], Bool[Array, ""]]:
    """The minimum that x belongs to, its energy, and whether it is one to the force of the method."""
    end = jax.lax.while_loop(partial(going, method), partial(lower, cluster, method), begun(method, x))
    return end.z.reshape(x.shape), end.value, jnp.isfinite(end.value) & (force(end) < method.force)


class HoppingWalker(NamedTuple):
    """State: a walker on its way down from a step; all run side by side, none waits for the others' minima."""

    walker: Walker
    down: RelaxedState
    count: Int[Array, ""]  # hops that are over
    lowest: Float[Array, " hops"]  # the deepest energy after each


def settled(
    cluster: Cluster, method: BasinHopping, apart: Float[Array, ""], u: Float[Array, "hops n 3"],
    fall: Float[Array, " hops"], hop: HoppingWalker,
) -> HoppingWalker:  # fmt: skip
    """At the end of its way down: the minimum is accepted or not, and the next step taken.

    What is no minimum, or has atoms nearer than `apart`, is not accepted.
    """
    walker, down, count, lowest = hop
    x, value = down.z.reshape(walker.x.shape), down.value
    fine = (force(down) < method.force) & jnp.isfinite(value) & (cluster.nearest(x) >= apart)
    moves, deeper = fine & (value <= walker.value + fall[count]), fine & (value < walker.best_value)
    pick = lambda which, a, b: jnp.where(which, a, b)  # noqa: E731
    new = Walker(pick(moves, x - x.mean(axis=0)[None], walker.x), pick(moves, value, walker.value),
                 pick(deeper, x, walker.best), pick(deeper, value, walker.best_value),
                 walker.accepted + moves.astype(walker.accepted.dtype))  # fmt: skip
    next = begun(method, new.x + method.step * u[count + 1])
    after = HoppingWalker(new, next, count + 1, lowest.at[count].set(new.best_value))
    over = (count < len(lowest)) & ~going(method, down)
    return jax.tree.map(partial(jnp.where, over), after, hop)


@eqx.filter_jit
def hops(
    cluster: Cluster, method: BasinHopping, apart: Float[Array, ""], walkers: Walker, keys: Key[Array, "hops walkers"]
) -> tuple[Walker, Float[Array, "hops walkers"]]:
    """Some hops of all walkers; the deepest energy after each."""
    shape, dtype = walkers.x.shape[1:], walkers.x.dtype
    key_step, key_accept = jnp.moveaxis(jax.vmap(jax.vmap(jax.random.split))(keys), -1, 0)
    drawn = lambda draw, keys: jax.vmap(jax.vmap(draw))(keys.T)  # noqa: E731
    u = drawn(lambda key: jax.random.uniform(key, shape, dtype, -1.0, 1.0), key_step)
    fall = drawn(lambda key: jnp.log(jax.random.uniform(key, (), dtype)) * -method.temperature, key_accept)
    down = jax.vmap(partial(begun, method))(walkers.x + method.step * u[:, 0])
    W, H = fall.shape
    start = HoppingWalker(walkers, down, jnp.zeros(W, int), jnp.zeros((W, H), dtype))
    settle = lambda hop: jax.vmap(partial(settled, cluster, method, apart))(u, fall, hop)  # noqa: E731

    def one(hop):
        hop = hop._replace(down=jax.vmap(partial(lower, cluster, method))(hop.down))
        ended = (hop.count < H) & ~jax.vmap(partial(going, method))(hop.down)
        return jax.lax.cond(jnp.any(ended), settle, lambda hop: hop, hop)

    end = jax.lax.while_loop(lambda hop: jnp.any(hop.count < H), one, start)
    return end.walker, end.lowest.T


@eqx.filter_jit
def started(cluster: Cluster, method: BasinHopping, apart: Float[Array, ""], x: Float[Array, "walkers n 3"]) -> Walker:
    """Walkers in the minima that their starts belong to; where that is none to accept, at the start with E = ∞."""

    def one(start):
        x, value, is_one = quenched(cluster, method, start)
        fine = is_one & jnp.isfinite(value) & (cluster.nearest(x) >= apart)
        return jnp.where(fine, x, start), jnp.where(fine, value, jnp.inf)

    x, value = jax.vmap(one)(x)
    return Walker(x, value, x, value, jnp.zeros(len(x), int))


def heat(cluster: Cluster, method: BasinHopping, walkers: Walker) -> float:
    """The temperature of the method, or `BOUND` of what binds an atom, (E apart - E of the deepest start)/n.

    Errors: InputError where nothing binds them.
    """
    if method.temperature is not None:
        return float(method.temperature)
    lowest = float(jnp.min(walkers.value))
    if not np.isfinite(lowest):  # no start is a minimum to accept
        lowest = float(eqx.filter_jit(quenched)(cluster, method, walkers.x[0])[1])
    bound = (float(eqx.filter_jit(Cluster.apart)(cluster)) - lowest) / len(cluster.species)
    if not bound > 0:
        expected = "atoms that are bound, to know how high minima may rise in a hop"
        raise InputError(expected, f"{bound:.3g} an atom", "state hop_temperature, an energy")
    return BOUND * bound


def deepest(
    key: Key[Array, ""],
    cluster: Cluster,
    x: Float[Array, "walkers n 3"],
    method: BasinHopping = BasinHopping(),
    *,
    count: int = 100,
    apart: float = 0.0,
    checkpoint: Path | None = None,
    progress: Any = None,
) -> Search:
    """Walkers after `count` hops each from their starts.

    `apart`: minima with atoms nearer than this are refused: no learned potential knows them.
    Law: no energy ever rises in time.  Bit-identical for any interruption.
    """
    path = None if checkpoint is None else checkpoint / "basin_hopping.safetensors"
    loop = Loop(path, progress, key=key, parts=(cluster, x), settings=(method, count, apart))
    walkers = started(cluster, method, jnp.asarray(apart, x.dtype), x)
    temperature = heat(cluster, method, walkers)
    method = replace(method, temperature=jnp.asarray(temperature))
    rows = np.zeros((count, len(x)))

    def advance(log: Log) -> Steps:
        n = min(BLOCK, count - log.done)
        at = jax.vmap(lambda k: jax.random.split(jax.random.fold_in(key, k), len(x)))(log.done + jnp.arange(n))
        new, lowest = hops(cluster, method, jnp.asarray(apart, x.dtype), log.state, at)
        return Steps(new, np.asarray(lowest, float), n, f"hopping: {float(jnp.min(new.best_value)):.8g}")

    log, _ = loop(loop.resume(Log(walkers, rows)), advance, count)
    return Search(log.state, np.asarray(log.rows), temperature, np.asarray(walkers.value))
