# SPDX-License-Identifier: Apache-2.0
"""Retrieval: asynchronous dynamics at zero temperature, from a cue to a state that no single flip lowers.

Ref: Hopfield 1982, doi:10.1073/pnas.79.8.2554.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Int8

from isinglass.systems.lattice.associative_memory import AbstractAssociativeMemory

__all__ = ["Recalled", "recall"]

LEAST = 1e-9  # a change of energy that is no rounding; of Hebb's rule they are multiples of 2/N
FLIPS = 100  # for each neuron, the most


class Recalled(NamedTuple):
    """Where a descent ends."""

    s: Int8[Array, "*site"]  # the last state
    flips: Int[Array, ""]  # how many
    stable: Bool[Array, ""]  # whether no flip lowers E
    rise: Float[Array, ""]  # largest change of E in a flip; below 0


class Carry(NamedTuple):
    """Between two flips."""

    s: Int8[Array, " N"]
    state: Float[Array, "..."]  # what the memory keeps of s
    at: Int[Array, ""]  # place of the last flip in the order of the visits
    flips: Int[Array, ""]
    rise: Float[Array, ""]
    rises: Float[Array, " N"]  # ΔE of each flip


def recall(key, memory: AbstractAssociativeMemory, s: Int8[Array, "*site"]) -> Recalled:
    """Visit the neurons in turns of one random order, flip each that lowers E, until none does.

    From one flip to the next in that order is one step, so that neurons which stay cost nothing.
    Law: E falls with every flip.  Cost: N a flip for couplings, N P for dense memories.
    """
    shape, N = s.shape, s.size
    place = jax.random.permutation(key, N)

    def going(carry: Carry):
        return (carry.rises.min() < -LEAST) & (carry.flips < FLIPS * N)

    def flip(carry: Carry) -> Carry:
        wait = jnp.where(carry.rises < -LEAST, (place - carry.at - 1) % N, N)
        i = jnp.argmin(wait)
        state = memory.flipped(carry.state, carry.s, i)
        s = carry.s.at[i].multiply(-1)
        rise = jnp.maximum(carry.rise, carry.rises[i])
        return Carry(s, state, place[i], carry.flips + 1, rise, memory.rises(state, s))

    s = s.reshape(-1)
    state = memory.begin(s)
    rises = memory.rises(state, s)
    first = Carry(s, state, jnp.asarray(N - 1), jnp.asarray(0), jnp.asarray(-jnp.inf, rises.dtype), rises)
    last = jax.lax.while_loop(going, flip, first)
    return Recalled(last.s.reshape(shape), last.flips, last.rises.min() >= -LEAST, last.rise)
