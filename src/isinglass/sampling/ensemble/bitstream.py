# SPDX-License-Identifier: Apache-2.0
"""Random words and Bernoulli variables, 32 at a time: bit r of a word belongs to replica r.

A Bernoulli variable is [u < p], u uniform on [0, 1).  With the binary digits p = 0.p_1 p_2 ... and u = 0.u_1 u_2 ...,
the comparison from digit k on is decided by the first digit in which they differ, so that from the last digit up

    [u < p]_k = p_k ¬u_k  ∨  (p_k ∨ ¬u_k) [u < p]_{k+1} = majority(p_k, ¬u_k, [u < p]_{k+1}) :

one majority per digit for 32 replicas.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, UInt32

__all__ = [
    "ALL_ONES",
    "Stream",
    "Threshold",
    "binary_digits",
    "draw",
    "less_than",
    "majority",
    "mixed_digits",
    "scramble",
    "seed_lanes",
    "toss",
]

ALL_ONES = 0xFFFFFFFF  # true for every replica of a word


class Stream(NamedTuple):
    """One sfc32 generator per lane.  Ref: Doty-Humphrey, PractRand 2010; the 64-bit form is NumPy's SFC64."""

    a: UInt32[Array, "*lane"]
    b: UInt32[Array, "*lane"]
    c: UInt32[Array, "*lane"]
    counter: int  # the same in every lane, static


class Threshold(NamedTuple):
    """A probability p = 0.p_1 ... p_K followed by 32 more binary digits.  Law: too small by less than 2^-(K + 32)."""

    digits: UInt32[Array, "K *p"]  # p_1 ... p_K, each spread over a word: 0 or ALL_ONES
    rest: UInt32[Array, "*p"]  # the 32 digits after them, as an integer


def scramble(x: UInt32[Array, "*lane"]) -> UInt32[Array, "*lane"]:
    """A bijection of words: each bit of x changes half the bits of the result.  Ref: Appleby, MurmurHash3 `fmix32`."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> jnp.uint32(shift))) * jnp.uint32(factor)
    return x ^ (x >> jnp.uint32(16))


def seed_lanes(words: UInt32[Array, " 3"], lane: UInt32[Array, "*lane"]) -> Stream:
    """A new generator for each lane, from three random words shared by all lanes.

    Law: no two lanes start in the same state, since `scramble` is a bijection.
    """
    a = scramble(lane ^ words[0])
    b = scramble(a ^ words[1])
    c = scramble(b ^ words[2])
    return Stream(a, b, c, 1)


def draw(stream: Stream) -> tuple[UInt32[Array, "*lane"], Stream]:
    """The next 32 random bits of each lane, by eight operations."""
    a, b, c, counter = stream
    word = a + b + jnp.uint32(counter)
    rotated = (c << jnp.uint32(21)) | (c >> jnp.uint32(11))
    return word, Stream(b ^ (b >> jnp.uint32(9)), c + (c << jnp.uint32(3)), rotated + word, counter + 1)


def binary_digits(p: Float[Array, "*p"], n_digits: int) -> Threshold:
    """Binary digits of probabilities; p >= 1 becomes the largest number below 1."""
    head = jnp.minimum(jnp.floor(p * 2.0**n_digits), 2.0**n_digits - 1.0)
    tail = jnp.minimum((p * 2.0**n_digits - head) * 2.0**32, jnp.asarray(ALL_ONES, p.dtype))
    place = jnp.arange(n_digits - 1, -1, -1, dtype=jnp.uint32).reshape(-1, *[1] * p.ndim)
    digit = (head.astype(jnp.uint32)[None] >> place) & jnp.uint32(1)
    return Threshold(spread(digit == jnp.uint32(1)), tail.astype(jnp.uint32))


def mixed_digits(p: Float[Array, "*lane 32"], n_digits: int) -> Threshold:
    """Digits of 32 probabilities, one for each replica of a word.  Law: too small by less than 2^-K, for K digits."""
    bit = jnp.uint32(1) << jnp.arange(32, dtype=jnp.uint32)
    digits = jnp.sum(binary_digits(p, n_digits).digits & bit.reshape(*[1] * p.ndim, 32), axis=-1, dtype=jnp.uint32)
    return Threshold(digits[..., None], jnp.zeros([1] * p.ndim, jnp.uint32))


def toss(thresholds: list[Threshold], n_digits: int, stream: Stream) -> tuple[list[UInt32[Array, "*lane"]], Stream]:
    """[u < p] for each p and the same u: `n_digits` digits are independent per replica, 32 more are shared by a word.

    The shared digits matter where all others equal those of p, with probability 2^-n_digits.  Each replica has an
    exactly uniform u of n_digits + 32 digits; [u < p] of two replicas of one word have a covariance of at most
    4^-n_digits / 4, since both must be undecided.
    """
    rest, stream = draw(stream)
    u = []
    for _ in range(n_digits):
        digit, stream = draw(stream)
        u.insert(0, digit)  # the last digit first, as it is used first
    return [less_than(p, u, rest) for p in thresholds], stream


def less_than(p: Threshold, u: list[UInt32[Array, "*lane"]], rest: UInt32[Array, "*lane"]) -> UInt32[Array, "*lane"]:
    """[u < p] by the recursion from the last digit to the first."""
    less = spread(rest < p.rest)
    for p_k, u_k in zip(p.digits[::-1], u[::-1], strict=True):
        less = majority(p_k, ~u_k, less)
    return less


def majority(
    a: UInt32[Array, "*#lane"], b: UInt32[Array, "*#lane"], c: UInt32[Array, "*#lane"]
) -> UInt32[Array, "*lane"]:
    """ab ∨ bc ∨ ca, the bitwise majority of three words."""
    return (a & (b | c)) | (b & c)


def spread(truth: Bool[Array, "*lane"]) -> UInt32[Array, "*lane"]:
    """A truth value as a word: ALL_ONES or 0."""
    return jax.lax.select(truth, jnp.full(truth.shape, ALL_ONES, jnp.uint32), jnp.zeros(truth.shape, jnp.uint32))
