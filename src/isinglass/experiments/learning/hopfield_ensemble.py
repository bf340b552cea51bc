# SPDX-License-Identifier: Apache-2.0
"""Retrieval averaged over samples of random patterns, in one compiled program for each number of neurons."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from isinglass.inference.memory.recall import recall
from isinglass.sampling.chain.heat_bath import HeatBath
from isinglass.systems.lattice.associative_memory import AbstractAssociativeMemory, random_patterns
from isinglass.systems.lattice.dense_memory import DenseMemory
from isinglass.systems.lattice.hopfield import HopfieldNetwork

__all__ = ["Retrieved", "warm_overlaps", "retrieve"]

BYTES = 2**31  # of couplings at once
CACHE = 2**16  # the same on a processor, where lanes that are done wait for the others


class Retrieved(NamedTuple):
    """Of each sample of patterns and each cue."""

    overlap: Float[Array, "samples cues"]  # of the last state and the pattern of the cue
    unstable: Float[Array, "samples cues"]  # share of the bits of the pattern itself that one step flips
    stable: Bool[Array, "samples cues"]  # whether no flip lowers E at the end
    flips: Int[Array, "samples cues"]


@partial(jax.jit, static_argnames=("neurons", "most", "cues", "rule"))
def retrieve(  # noqa: PLR0913
    keys,
    neurons: int,
    most: int,
    load,
    start,
    cues: int = 1,
    rule="hebb",
    mixed=False,  # noqa: FBT002
) -> Retrieved:
    """From cues of overlap `start` with the first patterns; `load` patterns of at most `most`, for Hebb's rule alone.

    `mixed`: from the mixture sign(ξ^k + ξ^k+1 + ξ^k+2) instead.  `rule`: hebb, pseudo-inverse, or the power of a dense
    memory.  Samples beside one another as memory allows.
    """

    def one(key) -> Retrieved:
        key_patterns, key_cues = jax.random.split(key)
        patterns = random_patterns(key_patterns, most, neurons)
        if rule == "hebb":
            patterns = jnp.where(jnp.arange(most)[:, None] < load, patterns, jnp.int8(0))
        memory = DenseMemory(patterns, power=rule) if isinstance(rule, int) else HopfieldNetwork(patterns, rule=rule)
        three = jnp.sign(patterns[:cues] + patterns[1 : cues + 1] + patterns[2 : cues + 2])
        seen = jnp.where(mixed, jnp.where(three == 0, patterns[:cues], three), patterns[:cues])
        each = jax.vmap(partial(from_cue, memory, start))
        return each(jax.random.split(key_cues, cues), patterns[:cues], seen)

    return jax.lax.map(one, keys, batch_size=at_once(len(keys), neurons * (most if isinstance(rule, int) else neurons)))


def at_once(samples: int, numbers: int) -> int:
    """How many samples stand beside one another: the largest divisor of all whose couplings fit."""
    fit = max(1, (CACHE if jax.default_backend() == "cpu" else BYTES) // (8 * numbers))
    return max(n for n in range(1, min(fit, samples) + 1) if samples % n == 0)


def from_cue(memory: AbstractAssociativeMemory, start, key, pattern, seen) -> Retrieved:
    """From a copy of what is seen of the pattern in which each bit is flipped with probability (1 - start)/2."""
    key_flip, key_order = jax.random.split(key)
    wrong = jax.random.uniform(key_flip, pattern.shape) < (1 - start) / 2
    found = recall(key_order, memory, jnp.where(wrong, -seen, seen))
    overlap = jnp.mean((found.s * pattern).astype(float))
    unstable = jnp.mean((memory.rises(memory.begin(pattern), pattern) < 0).astype(float))
    return Retrieved(overlap, unstable, found.stable, found.flips)


@partial(jax.jit, static_argnames=("neurons", "patterns", "temperature", "sweeps"))
def warm_overlaps(keys, neurons: int, patterns: int, temperature: float, sweeps: int) -> Float[Array, " samples"]:
    """Overlap with the first pattern, begun there, mean over the second half of the sweeps of a heat bath."""

    def one(key):
        key_patterns, key_sweeps = jax.random.split(key)
        memory = HopfieldNetwork(random_patterns(key_patterns, patterns, neurons), temperature=temperature)

        def sweep(s, key):
            s, _ = HeatBath().step(key, s, memory)
            return s, memory.order_parameter(s)

        m = jax.lax.scan(sweep, memory.patterns[0], jax.random.split(key_sweeps, sweeps))[1]
        return m[sweeps // 2 :].mean()

    return jax.lax.map(one, keys, batch_size=len(keys))
