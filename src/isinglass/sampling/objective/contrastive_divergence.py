# SPDX-License-Identifier: Apache-2.0
"""Restricted Boltzmann machines trained on rows: likelihood ascent with moments of Markov chains.

d<ln p>/dW = <(v - μ)(h - λ)>_data - <(v - μ)(h - λ)>_machine, the same with v and h for the biases.  The second
average is over chains of block Gibbs: from the data anew at each step (contrastive divergence), kept from step to step
(persistent), or kept and exchanged with chains of weaker weights (tempering).
Refs: Hinton 2002, doi:10.1162/089976602760128018; Tieleman 2008, doi:10.1145/1390156.1390290; Desjardins et al. 2010,
proceedings.mlr.press/v9/desjardins10a.
"""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, UInt32

from isinglass.exact.learning.boltzmann_machine import mean_of_unit
from isinglass.run.loop import Log, Loop, Steps
from isinglass.sampling.ensemble.bitstream import Stream, draw, seed_lanes
from isinglass.systems.lattice.boltzmann_machine import RestrictedBoltzmannMachine, drawn

__all__ = ["Chains", "ContrastiveDivergence", "TrainedMachine", "fresh_chains", "sampled", "train", "untrained"]

NEGATIVES = ("contrastive", "persistent", "tempering")
BLOCKS = 20  # of the training
LEAST_RATE, AVERAGED = 1 / 30, 0.75  # of the rate; of the steps, from where machines are averaged
Machine = RestrictedBoltzmannMachine


class ContrastiveDivergence(eqx.Module):
    """How to train.  Cost of a step: 2 (1 + sweeps x shares) batch D M."""

    negative: str = eqx.field(static=True, default="persistent")
    """Which chains: contrastive, persistent, tempering."""
    sweeps: int = eqx.field(static=True, default=1)
    """Sweeps of block Gibbs in each step, the k of CD-k."""
    batch: int = eqx.field(static=True, default=100)
    """Rows of a step, and chains."""
    rate: float | Float[Array, ""] = 0.05
    """Learning rate; in the second half it falls to a thirtieth."""
    epochs: int | Float[Array, ""] = 100
    """Passes over the rows; another number needs no other program."""
    shares: int = eqx.field(static=True, default=8)
    """Of tempering: chains at weights t W, t equally spaced from 0 to 1."""
    weight_decay: float | Float[Array, ""] = 0.0
    """The weights shrink by rate x this, each step."""
    symmetric: bool = eqx.field(static=True, default=False)
    """Biases stay as they are; at 0, and without offsets, spins have E(-v, -h) = E(v, h)."""


class Chains(NamedTuple):
    """Markov chains of a machine, at the shares t = 1 .. 0 of its weights."""

    h: Float[Array, "R B M"]
    stream: Stream  # random words, a lane for each number that a sweep needs


class MachineState(NamedTuple):
    """Between two epochs."""

    machine: Machine  # in single precision
    chains: Chains
    average: Machine  # over the last quarter of the steps, this machine before


class TrainedMachine(NamedTuple):
    """What came out."""

    machine: Machine  # in double precision
    history: dict[str, np.ndarray]  # by block: epoch, F(rows held out) - F(rows trained on), lifted by overfitting
    diverged: int | None  # epoch that was not finite


def untrained(
    key, x: Float[Array | np.ndarray, "n D"], hidden_units: int, visible: str, hidden: str, sides: Any = None
) -> Machine:
    """Weights of 2/√(D + M), less by half for a side of spins, biases of independent units with the means of x.

    The offsets are these means, and the means of free hidden units.
    """
    mean = np.asarray(x, float).mean(axis=0)
    n = len(x)
    if visible == "binary":
        p = (mean * n + 0.5) / (n + 1)
        bias = np.log(p / (1 - p))
    elif visible == "spin":
        bias = np.arctanh(mean * n / (n + 1))
    else:
        bias = mean
    middle = 0.5 if hidden == "binary" else 0.0
    width = 2 / (len(mean) + hidden_units) ** 0.5 * 0.5 ** ((visible, hidden).count("spin"))
    W = width * np.asarray(jax.random.normal(key, (len(mean), hidden_units)))
    return Machine(W, bias, np.zeros(hidden_units), visible, hidden, sides, mean, np.full(hidden_units, middle))


def fresh_chains(key, machine: Machine, chains: int, shares: int) -> Chains:
    """Independent hidden units, and a stream of random words of its own for each."""
    D, M = machine.weights.shape
    at, words = jax.random.split(key)
    f = jnp.broadcast_to(machine.hidden_bias[None, None], (shares, chains, M))
    h = drawn(machine.hidden, f, jax.random.uniform(at, f.shape, f.dtype, 1e-6))
    lanes = jnp.arange(shares * chains * (D + M + 1), dtype=jnp.uint32)
    stream = seed_lanes(jax.random.bits(words, (3,), jnp.uint32), lanes)
    return Chains(h, stream._replace(counter=jnp.uint32(stream.counter)))  # pyright: ignore


def uniform(word: UInt32[Array, "*n"], dtype) -> Float[Array, "*n"]:
    """In (0, 1), of 24 bits."""
    return ((word >> jnp.uint32(8)).astype(dtype) + 0.5) * jnp.asarray(2.0**-24, dtype)


def sweep(machine: Machine, chains: Chains) -> tuple[Float[Array, "R B D"], Float[Array, "R B M"], Chains]:
    """v given h, h given v, at each share of W; then an exchange between neighboring shares.

    Returns v, the fields of h given v at the shares, and the chains.  Exchange: min(1, exp(-(t_i - t_j)(U_j - U_i))),
    U = -(v - μ)·W (h - λ).  Law: p(v, h) of each share is invariant.
    """
    R, B, M = chains.h.shape
    D, dtype = machine.visible_bias.size, machine.weights.dtype
    share = jnp.linspace(1.0, 0.0, R, dtype=dtype)[:, None, None] if R > 1 else jnp.ones((1, 1, 1), dtype)
    a, b, m, n = (
        bias[None, None]
        for bias in (machine.visible_bias, machine.hidden_bias, machine.visible_offset, machine.hidden_offset)
    )
    word, stream = draw(chains.stream)
    u = uniform(word, dtype)
    up, down, swap = jnp.split(u, (R * B * M, R * B * (M + D)))
    v = drawn(machine.visible, a + share * ((chains.h - n) @ machine.weights.T), down.reshape(R, B, D))
    coupled = (v - m) @ machine.weights
    f = b + share * coupled
    h = drawn(machine.hidden, f, up.reshape(R, B, M))
    if R > 1:
        U = -(coupled * (h - n)).sum(axis=-1)
        first, odd = jnp.arange(R), stream.counter % jnp.uint32(2) == 1
        partner = jnp.clip(jnp.where((first % 2 == 0) ^ odd, first + 1, first - 1), 0, R - 1)
        gain = (share - share[partner])[:, :, 0] * (U - U[partner])
        swapped = (jnp.log(swap.reshape(R, B)[jnp.minimum(first, partner)]) < gain)[..., None]
        f = jnp.where(swapped, b + share * coupled[partner], f)
        v, h = jnp.where(swapped, v[partner], v), jnp.where(swapped, h[partner], h)
    return v, f, Chains(h, stream)


def step(state: MachineState, rows: Float[Array, "B D"], rate, share, how: ContrastiveDivergence) -> MachineState:
    """One step of gradient ascent on a batch; `share` of the new machine in the average."""
    machine, chains, average = state
    if how.negative == "contrastive":
        f = jax.vmap(machine.hidden_fields)(rows)
        word, stream = draw(chains.stream)
        chains = Chains(drawn(machine.hidden, f, uniform(word[: f.size], f.dtype).reshape(f.shape))[None], stream)
    v = f_machine = None
    for _ in range(how.sweeps):
        v, f_machine, chains = sweep(machine, chains)
    assert v is not None and f_machine is not None  # noqa: S101, PT018
    both = jnp.concatenate([rows, v[0]])
    h = mean_of_unit(machine.hidden, jnp.concatenate([jax.vmap(machine.hidden_fields)(rows), f_machine[0]]))
    B = len(rows)
    scale = jnp.concatenate([jnp.full((B, 1), rate / B), jnp.full((B, 1), -rate / B)]).astype(h.dtype)
    decay = (1 - rate * how.weight_decay).astype(h.dtype)
    learned = lambda m: (m.weights, m.visible_bias, m.hidden_bias)  # noqa: E731
    W, a, b = learned(machine)
    off_v, off_h = both - machine.visible_offset[None], h - machine.hidden_offset[None]
    W = decay * W + off_v.T @ (scale * off_h)
    if not how.symmetric:
        a, b = a + (scale * both).sum(axis=0), b + (scale * h).sum(axis=0)
    mean = [old + share * (new - old) for old, new in zip(learned(average), (W, a, b), strict=True)]
    machine, average = eqx.tree_at(learned, machine, (W, a, b)), eqx.tree_at(learned, average, tuple(mean))
    return MachineState(machine, chains, average)


def epochs_of_block(
    key, state: MachineState, x: Float[Array, "n D"], first: Int[Array, ""], last: Int[Array, ""],
    how: ContrastiveDivergence,
) -> tuple[MachineState, Any]:  # fmt: skip
    """Passes over the rows in an order fixed once: the batches begin at a random row and come in random order."""
    n, B = len(x), how.batch
    batches, round_again = n // B, jnp.concatenate([x, x[:B]])

    def epoch(number, state):
        shift, order = jax.random.split(jax.random.fold_in(key, number))
        start = jax.random.randint(shift, (), 0, n)
        rate = how.rate * LEAST_RATE ** jnp.maximum(0.0, 2.0 * number.astype(x.dtype) / how.epochs - 1.0)
        after = (number.astype(x.dtype) - AVERAGED * how.epochs) * batches + jnp.arange(batches, dtype=x.dtype)

        def one(state, inputs):
            batch, share = inputs
            rows = jax.lax.dynamic_slice_in_dim(round_again, (start + batch * B) % n, B)
            return step(state, rows, rate, share, how), None

        shares = 1 / jnp.maximum(1.0, after + 1)
        return jax.lax.scan(one, state, (jax.random.permutation(order, batches), shares))[0]

    state = jax.lax.fori_loop(first, last, epoch, state)
    return state, jnp.all(jnp.isfinite(state.machine.weights))


def gap(machine: Machine, x: Float[Array, "n D"], held: Float[Array, "m D"]) -> Float[Array, ""]:
    """<F>_held - <F>_trained, per row.  Law: 0 in expectation before overfitting."""
    F = jax.vmap(machine.free_energy)
    return F(held).mean() - F(x[: len(held)]).mean()


train_jit = eqx.filter_jit(epochs_of_block)
gap_jit = eqx.filter_jit(gap)


def train(
    key, machine: Machine, x: Float[Array | np.ndarray, "n D"], how: ContrastiveDivergence, *, held: Any = None,
    checkpoint: str | os.PathLike | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> TrainedMachine:  # fmt: skip
    """Train in blocks of epochs, on rows in random order.

    Deterministic given `key`.  Law: resumed = uninterrupted, every bit.
    """
    shuffled, at, batches = jax.random.split(key, 3)
    x = jnp.asarray(np.asarray(x)[np.asarray(jax.random.permutation(shuffled, len(x)))], jnp.float32)
    held = None if held is None else jnp.asarray(np.asarray(held), jnp.float32)
    how = eqx.tree_at(lambda h: (h.rate, h.weight_decay), how, (jnp.float32(how.rate), jnp.float32(how.weight_decay)))
    single = lambda tree, dtype: jax.tree.map(lambda a: jnp.asarray(a, dtype), tree)  # noqa: E731
    machine = single(machine, jnp.float32)
    shares = how.shares if how.negative == "tempering" else 1
    state = MachineState(machine, fresh_chains(at, machine, how.batch, shares), machine)
    epochs = int(how.epochs)
    blocks = min(BLOCKS, epochs)
    ends = [epochs * (i + 1) // blocks for i in range(blocks)]
    loop = Loop(checkpoint, progress, key=key, parts=(state, x, held), settings=how)
    how = eqx.tree_at(lambda h: h.epochs, how, jnp.float32(epochs))
    log = loop.resume(Log(state, {"epoch": np.zeros(blocks), "gap": np.full(blocks, np.nan)}))

    def advance(log: Log) -> Steps:
        first = ends[log.done - 1] if log.done else 0
        state, finite = train_jit(batches, log.state, x, jnp.int32(first), jnp.int32(ends[log.done]), how)
        apart = np.nan if held is None else float(gap_jit(state.average, x, held))
        rows = {"epoch": np.array([ends[log.done]]), "gap": np.array([apart])}
        return Steps(state, rows, 1, f"epoch {ends[log.done]} of {epochs}", bool(finite))

    log, bad = loop(log, advance, blocks)
    loop.save(log)
    rows = {name: a[: log.done] for name, a in log.rows.items()}
    return TrainedMachine(single(log.state.average, float), rows, None if bad is None else ends[bad])


@eqx.filter_jit
def sampled(
    key, machine: Machine, start: Float[Array, "chains D"] | None = None, *, chains: int, shares: int, warmup: int,
    samples: int, thin: int,
) -> Float[Array, "samples chains D"]:  # fmt: skip
    """v of independent chains, every `thin` sweeps after the `warmup`, each beside `shares` - 1 of weaker weights.

    They begin at independent units, or at the rows `start` at every share.
    """

    def moved(state: Chains, sweeps: int):
        return jax.lax.fori_loop(0, sweeps, lambda _, state: sweep(machine, state)[2], state)

    def kept(state: Chains, _):
        v, _, state = sweep(machine, moved(state, thin - 1))
        return state, v[0]

    state = fresh_chains(key, machine, chains, shares)
    if start is not None:
        f = jax.vmap(machine.hidden_fields)(start.astype(machine.weights.dtype))
        h = drawn(machine.hidden, f, jax.random.uniform(jax.random.fold_in(key, 1), f.shape, f.dtype, 1e-6))
        state = state._replace(h=jnp.broadcast_to(h[None], state.h.shape))
    return jax.lax.scan(kept, moved(state, warmup), None, length=samples)[1]
