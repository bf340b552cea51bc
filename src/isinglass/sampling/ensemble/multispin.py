# SPDX-License-Identifier: Apache-2.0
"""Metropolis sampling, 32 replicas to a machine word: leaves exp(-beta E(s)) invariant, E = -Σ_<ij> J_ij s_i s_j.

The couplings are J_ij = ±J.  A flip breaks the satisfied bonds of a spin (J_ij s_i s_j > 0) and satisfies the others.
With n of its z bonds satisfied

    dE = 2 J (2 n - z),    accept with probability p_n = min(1, exp(-2 beta J (2 n - z))).

Bit r of every word is replica r, so that one logical operation serves 32 replicas.  One uniform u decides against all
p_n; these fall with n, so that [u < p_n] implies [u < p_m] for m < n, and "accept if u < p_n at the n that holds" is

    accept = ∧_{n > z/2} ( ¬[at least n bonds satisfied] ∨ [u < p_n] ).

Ref: Creutz, Jacobs & Rebbi 1979, doi:10.1103/PhysRevLett.42.1390.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int8, UInt32

from isinglass.sampling.ensemble.bitstream import ALL_ONES, Threshold, binary_digits, mixed_digits, seed_lanes, toss
from isinglass.sampling.ensemble.color_table import ColorTable

__all__ = ["WIDE_VECTORS", "Multispin", "MultispinState", "accept", "at_least", "pack", "unpack"]

# Give these to the outermost jax.jit around `step`: XLA uses 256-bit vectors by default.  They apply to CPUs only.
WIDE_VECTORS = {"xla_cpu_prefer_vector_width": "512"}
BIT = np.arange(32, dtype=np.uint32).reshape(1, 1, 32, 1)  # replica r of a word, over axes [T, W, r, site]


class MultispinState(NamedTuple):
    """The state of all replicas between two sweeps: arrays only."""

    spins: UInt32[Array, "C T W n"]  # bit 1 is spin up; color, temperature, word of 32 replicas, place
    key: UInt32[Array, " 2"]  # threefry key of the whole run
    sweep: UInt32[Array, ""]  # sweeps done; with `key` it determines every random number (2^32 sweeps per key)


class Multispin(eqx.Module):
    """Metropolis, color after color, 32 replicas to a word.  Law: detailed balance at each site; exact to 32 + K bits.

    Cost: N z per sweep; 1 bit of memory per spin, and 2 more while it runs; no random state but a key and a counter.
    Replicas of a word may have their own beta J, [T, W, 32]; p_n is then too small by less than 2^-K.
    K = `independent_bits` digits of the uniform number are independent per replica and 32 more are shared by a word:
    every replica by itself is exact, and the decisions of two replicas of one word have a covariance below 4^-K / 4
    (K = 12: 1.5e-8; K = 24: 9e-16).
    Moves with dE <= 0 are always accepted, in a fixed order: states in which all sites take such moves (on rings,
    2 x 2, 3 x 3 triangular) are never left, so that `choose` packs only lattices of 64 sites and more; at beta = 0 the
    chain is not ergodic.
    """

    independent_bits: int = 12

    def init(self, key, spins: Int8[Array, "T R N"], table: ColorTable) -> MultispinState:
        """Pack spins ±1; R is padded to a multiple of 32 by repeated replicas, which diverge at the first sweep."""
        return MultispinState(pack(spins, table), jax.random.key_data(key), jnp.zeros((), jnp.uint32))

    def step(
        self, state: MultispinState, beta_J: Float[Array, " T"] | Float[Array, "T W 32"], table: ColorTable,
        n_sweeps: int,
    ) -> MultispinState:  # fmt: skip
        """`n_sweeps` sweeps.  Law: the same in one call or in several."""
        thresholds = self.thresholds(beta_J, table.z)
        words = sweep_words(state, n_sweeps, table.n_colors)

        def sweep(i, spins):
            for color in range(len(spins)):
                spins = self.update(color, spins, words[i, color], thresholds, table)
            return spins

        spins = jax.lax.fori_loop(0, n_sweeps, sweep, tuple(state.spins))
        return MultispinState(jnp.stack(spins), state.key, state.sweep + jnp.uint32(n_sweeps))

    def update(self, color: int, spins, words: UInt32[Array, " 3"], thresholds: list[Threshold], table: ColorTable):
        """One proposed flip for every spin of one color, whose neighbors are all of other colors."""
        stream = seed_lanes(words, lanes(spins[color].shape))
        coins, _ = toss(thresholds, self.independent_bits, stream)
        flip = accept(satisfied(color, spins, table), coins)
        return (*spins[:color], spins[color] ^ flip, *spins[color + 1 :])

    def thresholds(self, beta_J: Float[Array, " T"] | Float[Array, "T W 32"], z: int) -> list[Threshold]:
        """p_n = exp(-2 beta J (2 n - z)) for each n > z/2, to be broadcast over places, and over words if it is [T]."""
        p = [jnp.exp(-2.0 * beta_J * (2 * n - z)) for n in range(z // 2 + 1, z + 1)]
        if beta_J.ndim == 3:
            return [mixed_digits(one, self.independent_bits) for one in p]
        return [binary_digits(one[:, None, None], self.independent_bits) for one in p]

    def configurations(self, state: MultispinState, table: ColorTable) -> Int8[Array, "T R N"]:
        """The spins ±1 of all replicas, R a multiple of 32."""
        return unpack(state.spins, table)


def accept(bonds: list[UInt32[Array, "*lane"]], coins: list[UInt32[Array, "*lane"]]) -> UInt32[Array, "*lane"]:
    """The Metropolis decision: for each n > z/2, fewer than n bonds are satisfied, or u < p_n."""
    flip = jnp.full_like(bonds[0], ALL_ONES)
    for enough, coin in zip(at_least(bonds)[len(bonds) // 2 + 1 :], coins, strict=True):
        flip = flip & (~enough | coin)
    return flip


def at_least(bonds: list[UInt32[Array, "*lane"]]) -> list[UInt32[Array, "*lane"]]:
    """[at least n of the bonds are satisfied] for n = 0 ... z, by adding one bond at a time."""
    count = [jnp.full_like(bonds[0], ALL_ONES)] + [jnp.zeros_like(bonds[0])] * len(bonds)
    for added, bond in enumerate(bonds):
        for n in range(added + 1, 0, -1):
            count[n] = count[n] | (count[n - 1] & bond)
    return count


def satisfied(color: int, spins, table: ColorTable) -> list[UInt32[Array, "T W n"]]:
    """[J_ij s_i s_j > 0] for each of the z bonds of every spin of one color."""
    others = jnp.concatenate([*spins[:color], *spins[color + 1 :]], axis=-1)
    aligned = [~(spins[color] ^ neighbor.of(others, table.n)) for neighbor in table.neighbors[color]]
    if table.negative is None:
        return aligned
    return [bond ^ sign[None, None] for bond, sign in zip(aligned, table.negative[color], strict=True)]


def lanes(shape: tuple[int, int, int]) -> UInt32[Array, "T W n"]:
    """The index of each word of one color, the lane of its generator."""
    return jnp.arange(np.prod(shape), dtype=jnp.uint32).reshape(shape)


def sweep_words(state: MultispinState, n_sweeps: int, n_colors: int) -> UInt32[Array, "sweeps C 3"]:
    """Three random words for each sweep and color, from the key and the sweep number alone."""
    key = jax.random.wrap_key_data(state.key)
    number = state.sweep + jnp.arange(n_sweeps, dtype=jnp.uint32)
    return jax.vmap(lambda i: jax.random.bits(jax.random.fold_in(key, i), (n_colors, 3), jnp.uint32))(number)


@jax.jit
def pack(spins: Int8[Array, "T R N"], table: ColorTable) -> UInt32[Array, "C T W n"]:
    """Spins ±1 into bits: replica 32 w + r is bit r of word w."""
    T, R, N = spins.shape
    W, n_colors, n = -(-R // 32), table.n_colors, table.n
    up = spins[:, jnp.arange(32 * W) % R].reshape(T, W, 32, N) > jnp.int8(0)
    word = jnp.sum(up.astype(jnp.uint32) << BIT, axis=2, dtype=jnp.uint32)
    packed = jnp.zeros((T, W, n_colors * n), jnp.uint32).at[..., table.place].set(word)
    return jnp.moveaxis(packed.reshape(T, W, n_colors, n), 2, 0)


@jax.jit
def unpack(packed: UInt32[Array, "C T W n"], table: ColorTable) -> Int8[Array, "T R N"]:
    """Spins ±1 from bits, the inverse of `pack`; the replicas that pad the last word come last."""
    _, T, W, _ = packed.shape
    word = jnp.moveaxis(packed, 0, 2).reshape(T, W, 1, -1)[..., table.place]
    up = (word >> BIT) & jnp.uint32(1)
    return (2 * up.astype(jnp.int8) - jnp.int8(1)).reshape(T, 32 * W, -1)
