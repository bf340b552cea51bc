# SPDX-License-Identifier: Apache-2.0
"""Deep energy models from rows: likelihood ascent with samples of persistent Langevin chains.

d<ln p>/dθ = -<∂E/∂θ>_data + <∂E/∂θ>_model; the second average is over chains that go on from step to step while the
network changes.  Refs: Tieleman 2008, doi:10.1145/1390156.1390290; Du and Mordatch 2019, arXiv:1903.08689; Nijkamp et
al. 2019, arXiv:1903.12370.
"""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key

from isinglass.run.loop import Log, Loop, Steps
from isinglass.sampling.chain.langevin import MALA, UnadjustedLangevin
from isinglass.systems.learned_energy import LearnedEnergy
from isinglass.training.block import all_finite, choose, moving_average
from isinglass.training.optimizer import Optimizer

__all__ = ["LangevinLikelihood", "TrainedEnergy", "train_energy"]

BLOCKS = 20  # of the training
ChainRows = Float[Array, "n D"]


class LangevinLikelihood(eqx.Module):
    """How to train.  Chains are started anew from the normal law with probability `renewed` in each step."""

    steps: int = eqx.field(static=True, default=3000)
    batch: int = eqx.field(static=True, default=256)  # rows of a step, and chains
    sweeps: int = eqx.field(static=True, default=10)  # Langevin steps of the chains in each step
    step_size: float = eqx.field(static=True, default=0.01)  # ε, in units of the widths of the rows
    adjusted: bool = eqx.field(static=True, default=False)  # with a Metropolis test: no error of O(ε)
    renewed: float = eqx.field(static=True, default=0.0)
    rate: float = eqx.field(static=True, default=2e-3)
    averaged: float = eqx.field(static=True, default=0.99)  # decay of the mean of the weights

    @property
    def kernel(self) -> MALA | UnadjustedLangevin:
        """The step of the chains."""
        return (MALA if self.adjusted else UnadjustedLangevin)(self.step_size)


class EnergyState(NamedTuple):
    """Between two steps."""

    net: Any  # arrays of the system
    descent: Any
    average: Any
    chains: Float[Array, "batch D"]
    finite: Bool[Array, ""]


class TrainedEnergy(NamedTuple):
    """What came out."""

    system: LearnedEnergy
    history: dict[str, np.ndarray]  # by block: step, <E>_data - <E>_chains
    diverged: int | None  # step at whose block it was not finite


def descent(how: LangevinLikelihood) -> Any:
    """The optimizer."""
    return Optimizer("adam", how.rate, "cosine", clip=1.0).transformation(how.steps)


def moved(key, x: ChainRows, system: LearnedEnergy, how: LangevinLikelihood) -> ChainRows:
    """Every chain after `sweeps` Langevin steps."""

    def sweep(x, key):
        keys = jax.random.split(key, len(x))
        return jax.vmap(how.kernel.step, in_axes=(0, 0, None))(keys, x, system)[0], None

    return jax.lax.scan(sweep, x, jax.random.split(key, how.sweeps))[0]


def step(key, state: EnergyState, t, x: ChainRows, static: LearnedEnergy, how: LangevinLikelihood):
    """Move the chains, then descend <E>_data - <E>_chains."""
    rows, fresh, start, move = jax.random.split(key, 4)
    system = lambda net: eqx.tree_at(lambda s: s.net, static, net)  # noqa: E731
    whole = lambda arrays: system(eqx.combine(arrays, static.net))  # noqa: E731
    new = jax.random.normal(start, state.chains.shape, x.dtype)
    again = jax.random.uniform(fresh, (how.batch, 1)) < how.renewed
    chains = moved(move, jnp.where(again, new, state.chains), whole(state.net), how)
    some = x[jax.random.randint(rows, (how.batch,), 0, len(x))]

    def loss(arrays):
        E = jax.vmap(whole(arrays).energy)
        return jnp.mean(E(some)) - jnp.mean(E(chains))

    apart, gradient = jax.value_and_grad(loss)(state.net)
    updates, memory = descent(how).update(gradient, state.descent, state.net)
    net = eqx.apply_updates(state.net, updates)
    finite = all_finite((net, chains))
    made = EnergyState(net, memory, moving_average(state.average, net, t + 1, how.averaged), chains, finite)
    return choose(finite, made, state._replace(finite=finite)), apart


@eqx.filter_jit
def steps_of_block(key, state: EnergyState, first, last, x: ChainRows, static: LearnedEnergy, how: LangevinLikelihood):
    """Steps first, ..., last - 1, and the mean of <E>_data - <E>_chains."""

    def one(t, carry):
        state, total = carry
        state, apart = step(jax.random.fold_in(key, t), state, t, x, static, how)
        return state, total + apart

    state, total = jax.lax.fori_loop(first, last, one, (state, jnp.zeros((), x.dtype)))
    return state, total / (last - first).astype(x.dtype)


def train_energy(
    key: Key[Array, ""], net: Callable, x: ChainRows | np.ndarray, how: LangevinLikelihood, *,
    checkpoint: str | os.PathLike | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> TrainedEnergy:  # fmt: skip
    """Train f of E(z) = ½ |z|² + f(z) on rows z of order one.

    Deterministic given `key`.  Law: resumed = uninterrupted, every bit.
    """
    z = jnp.asarray(np.asarray(x), jnp.float32)
    key_start, key_steps = jax.random.split(key)
    arrays, fixed = eqx.partition(net, eqx.is_array)
    static = LearnedEnergy(fixed, np.zeros(z.shape[1]), np.ones(z.shape[1]))
    chains = jax.random.normal(key_start, (how.batch, z.shape[1]), z.dtype)
    state = EnergyState(arrays, descent(how).init(arrays), arrays, chains, jnp.ones((), bool))
    blocks = min(BLOCKS, how.steps)
    ends = [how.steps * (i + 1) // blocks for i in range(blocks)]
    loop = Loop(checkpoint, progress, key=key, parts=(state, z), settings=how)
    log = loop.resume(Log(state, {"step": np.zeros(blocks), "apart": np.full(blocks, np.nan)}))

    def advance(log: Log) -> Steps:
        first = ends[log.done - 1] if log.done else 0
        at = jnp.int32(first), jnp.int32(ends[log.done])
        state, apart = steps_of_block(key_steps, log.state, *at, z, static, how)
        rows = {"step": np.array([ends[log.done]]), "apart": np.array([float(apart)])}
        return Steps(state, rows, 1, f"step {ends[log.done]}, E apart {float(apart):.4f}", bool(state.finite))

    log, bad = loop(log, advance, blocks)
    loop.save(log)
    system = eqx.tree_at(lambda s: s.net, static, eqx.combine(log.state.average, fixed))
    return TrainedEnergy(system, {name: a[: log.done] for name, a in log.rows.items()},
                         None if bad is None else ends[bad])  # fmt: skip
