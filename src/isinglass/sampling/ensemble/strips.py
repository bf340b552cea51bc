# SPDX-License-Identifier: Apache-2.0
"""Metropolis sampling of one large Ising lattice, 32 strips of it to a word: leaves exp(beta J Σ s_i s_j) invariant.

Bit r of a word belongs to strip r, rows r h ... (r + 1) h - 1 of the L x L torus, h = L / 32.  Neighbors of a row
within a strip have the same bit; the row above a strip is the last row of the strip before, which is one bit further:

    s(row -1) = rotate(s(row h - 1)),   the 32 strips closed to a ring.

Sites of one color (i + j even, odd) are not neighbors, and h is even, so that all bits of a word have one color.  The
decision is that of `multispin.accept`.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int8, UInt32

from isinglass.errors import InputError
from isinglass.sampling.ensemble.bitstream import binary_digits, seed_lanes, toss
from isinglass.sampling.ensemble.multispin import accept

__all__ = ["Strips", "StripsState", "SweepSeries"]

BITS = 32


class StripsState(NamedTuple):
    """One lattice between two sweeps."""

    spins: UInt32[Array, "2 h half"]  # bit 1 is spin up; color, row of the strip, place in the row
    key: UInt32[Array, " 2"]  # threefry key of the whole run
    sweep: UInt32[Array, ""]  # sweeps done; with `key` it determines every random number


class SweepSeries(NamedTuple):
    """Measured after each sweep; entries beyond the last sweep are 0."""

    magnetization: Float[Array, " most"]  # m = (1/N) Σ s_i
    energy: Float[Array, " most"]  # e = -(1/N) Σ_<ij> s_i s_j, in units of J


class Strips(eqx.Module):
    """Metropolis on the L x L torus, color after color.  Law: detailed balance at each site, exact to 32 + K bits.

    K = `independent_bits` digits of the uniform number are independent per site and 32 more are shared by the sites of
    a word: their decisions have a covariance below 4^-K / 4, 6e-11 for 16.  L is a multiple of 64.
    Cost: N / 32 words per sweep and color; the state has 1 bit a site.  At beta = 0 the chain is not ergodic.
    """

    independent_bits: int = 16

    def init(self, key, x: Int8[Array, "rows columns"]) -> StripsState:
        """Pack spins ±1.  Errors: InputError for a side that is no multiple of 64."""
        L = len(x)
        if L % (2 * BITS) or x.shape != (L, L):
            raise InputError("a square lattice of side 64, 128, 192 ...", f"{x.shape}", "choose such a side")
        return StripsState(packed(x), jax.random.key_data(key), jnp.zeros((), jnp.uint32))

    def step(
        self, state: StripsState, beta_J: Float[Array, ""], n_sweeps, most: int
    ) -> tuple[StripsState, SweepSeries]:
        """`n_sweeps` <= `most` sweeps and their series.  Law: the same in one call or in several."""
        thresholds = [binary_digits(jnp.exp(-2.0 * beta_J * (2 * n - 4)), self.independent_bits) for n in (3, 4)]
        key = jax.random.wrap_key_data(state.key)

        def sweep(i, carry):
            spins, series = carry
            number = state.sweep + i.astype(jnp.uint32)
            words = jax.random.bits(jax.random.fold_in(key, number), (2, 3), jnp.uint32)
            for color in (0, 1):
                spins = spins.at[color].set(self.update(color, spins, words[color], thresholds))
            m, e = measured(spins)
            return spins, SweepSeries(series.magnetization.at[i].set(m), series.energy.at[i].set(e))

        series = SweepSeries(jnp.zeros(most), jnp.zeros(most))
        spins, series = jax.lax.fori_loop(0, n_sweeps, sweep, (state.spins, series))
        return StripsState(spins, state.key, state.sweep + jnp.asarray(n_sweeps, jnp.uint32)), series

    def update(self, color: int, spins, words: UInt32[Array, " 3"], thresholds) -> UInt32[Array, "h half"]:
        """One proposed flip for every spin of one color."""
        mine = spins[color]
        lane = jnp.arange(mine.size, dtype=jnp.uint32).reshape(mine.shape)
        coins, _ = toss(thresholds, self.independent_bits, seed_lanes(words, lane))
        return mine ^ accept([~(mine ^ one) for one in neighbors(color, spins)], coins)

    def configuration(self, state: StripsState) -> Int8[Array, "L L"]:
        """The spins ±1, the inverse of `init`."""
        return unpacked(state.spins)


def neighbors(color: int, spins: UInt32[Array, "2 h half"]) -> list[UInt32[Array, "h half"]]:
    """The four neighbors of every spin of one color: above, below, and two in the row.

    Place k of row i is column 2 k + (i + color) mod 2: its neighbors in the row are place k of the other color, and
    place k - 1 where that column is even, k + 1 where it is odd.
    """
    others = spins[1 - color]
    one, rest = jnp.uint32(1), jnp.uint32(BITS - 1)
    last, first = others[-1:], others[:1]
    above = jnp.concatenate([(last << one) | (last >> rest), others[:-1]])
    below = jnp.concatenate([others[1:], (first >> one) | (first << rest)])
    odd = (jnp.arange(len(others)) + color) % 2 == 1
    beside = jnp.where(odd[:, None], jnp.roll(others, -1, axis=1), jnp.roll(others, 1, axis=1))
    return [above, below, others, beside]


def measured(spins: UInt32[Array, "2 h half"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """(m, e) per site.  Every bond has one end of color 0: e = -(1/N) (2 satisfied - 2 N), for 2 N bonds."""
    sites = spins.size * BITS
    m = 2 * ups(spins) / sites - 1
    satisfied = sum((ups(~(spins[0] ^ one)) for one in neighbors(0, spins)), jnp.zeros(()))
    return m, -(2 * satisfied / sites - 2)


def ups(words: UInt32[Array, "*lane"]) -> Float[Array, ""]:
    """The number of bits that are 1."""
    return jnp.sum(jax.lax.population_count(words), dtype=jnp.uint32).astype(float)


def packed(x: Int8[Array, "L L"]) -> UInt32[Array, "2 h half"]:
    """Spins ±1 into words."""
    L = len(x)
    up = (x > jnp.int8(0)).astype(jnp.uint32).reshape(BITS, L // BITS, L)
    rows = jnp.sum(up << jnp.arange(BITS, dtype=jnp.uint32)[:, None, None], axis=0, dtype=jnp.uint32)
    pairs = rows.reshape(L // BITS, L // 2, 2)
    odd = jnp.arange(L // BITS)[:, None] % 2 == 1
    even_columns, odd_columns = pairs[..., 0], pairs[..., 1]
    return jnp.stack([jnp.where(odd, odd_columns, even_columns), jnp.where(odd, even_columns, odd_columns)])


def unpacked(spins: UInt32[Array, "2 h half"]) -> Int8[Array, "L L"]:
    """The inverse of `packed`."""
    _, h, half = spins.shape
    odd = jnp.arange(h)[:, None] % 2 == 1
    columns = jnp.stack([jnp.where(odd, spins[1], spins[0]), jnp.where(odd, spins[0], spins[1])], axis=-1)
    rows = columns.reshape(h, 2 * half)
    up = (rows[None] >> jnp.arange(BITS, dtype=jnp.uint32)[:, None, None]) & jnp.uint32(1)
    return (2 * up.astype(jnp.int8) - jnp.int8(1)).reshape(BITS * h, 2 * half)
