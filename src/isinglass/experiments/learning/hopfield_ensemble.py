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

BYTES = 2**28  # of couplings at once


class Retrieved(NamedTuple):
    """Of each sample of patterns and each cue."""

    overlap: Float[Array, "samples cues"]  # of the last state and the pattern of the cue
    unstable: Float[Array, "samples cues"]  # share of the bits of the pattern itself that one step flips
    stable: Bool[Array, "samples cues"]  # whether no flip lowers E at the end
    flips: Int[Array, "samples cues"]


@partial(jax.jit, static_argnames=("neurons", "most", "cues", "rule"))
def retrieve(keys, neurons: int, most: int, load, start, cues: int = 1, rule="hebb") -> Retrieved:
    """From cues of overlap `start` with the first patterns; `load` patterns of at most `most`, for Hebb's rule alone.

    `rule`: hebb, pseudo-inverse, or the power of a dense memory.  Samples beside one another as memory allows.
    """

    def one(key) -> Retrieved:
        key_patterns, key_cues = jax.random.split(key)
        patterns = random_patterns(key_patterns, most, neurons)
        if rule == "hebb":
            patterns = jnp.where(jnp.arange(most)[:, None] < load, patterns, jnp.int8(0))
        memory = DenseMemory(patterns, power=rule) if isinstance(rule, int) else HopfieldNetwork(patterns, rule=rule)
        return jax.vmap(partial(from_cue, memory, start))(jax.random.split(key_cues, cues), patterns[:cues])

    size = 8 * neurons * most if isinstance(rule, int) else 8 * neurons**2
    return jax.lax.map(one, keys, batch_size=max(1, min(len(keys), BYTES // size)))


def from_cue(memory: AbstractAssociativeMemory, start, key, pattern) -> Retrieved:
    """From a copy of the pattern in which each bit is flipped with probability (1 - start)/2."""
    key_flip, key_order = jax.random.split(key)
    wrong = jax.random.uniform(key_flip, pattern.shape) < (1 - start) / 2
    found = recall(key_order, memory, jnp.where(wrong, -pattern, pattern))
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

    return jax.lax.map(one, keys, batch_size=max(1, min(len(keys), BYTES // (8 * neurons**2))))
