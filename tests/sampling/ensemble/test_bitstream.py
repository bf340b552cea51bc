# SPDX-License-Identifier: Apache-2.0
"""Biased coins: the binary digits, the comparison in every case, frequencies, and correlations of the generator."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from isinglass.sampling.ensemble import bitstream
from isinglass.sampling.ensemble.bitstream import ALL_ONES, Threshold, binary_digits, draw, less_than, seed_lanes, toss


def value(p: Threshold):
    """The number that the digits stand for, Σ_k p_k 2^-k + rest 2^-(K+32)."""
    K = len(p.digits)
    heads = sum((p.digits[k] != 0).astype(float) * 2.0 ** -(k + 1) for k in range(K))
    return heads + p.rest.astype(float) * 2.0 ** -(K + 32)


@pytest.mark.parametrize("n_digits", [1, 8, 12, 24])
def test_digits_give_back_the_probability(key, n_digits):
    p = jnp.concatenate([jax.random.uniform(key, (500,)), jnp.exp(-2.0 * jnp.arange(20.0)), jnp.array([0.0, 0.5])])
    error = p - value(binary_digits(p, n_digits))
    assert (error >= 0).all()
    assert (error <= 2.0 ** -(n_digits + 32)).all()  # far beyond the 24 bits asked for


def test_comparison_in_every_case():
    """All u and p of 4 own digits, for several last digits: 2^8 cases times the order of the rests."""
    for p_bits in itertools.product([0, 1], repeat=4):
        u_bits = np.array(list(itertools.product([0, 1], repeat=4)))
        word = jnp.asarray((u_bits * ALL_ONES).astype(np.uint32))
        for p_rest, u_rest in itertools.product([0, 7, 2**31, ALL_ONES], repeat=2):
            digits = jnp.asarray((np.array(p_bits)[:, None] * ALL_ONES).astype(np.uint32))
            p = Threshold(digits, jnp.full((1,), p_rest, jnp.uint32))
            got = less_than(p, list(word.T), jnp.full((16,), u_rest, jnp.uint32))
            place = 2 ** np.arange(3, -1, -1)
            expected = (u_bits @ place) * 2**32 + u_rest < int(np.dot(p_bits, place)) * 2**32 + p_rest
            np.testing.assert_array_equal(np.asarray(got) != 0, expected)


def coins(key, p, n_digits, n=2**18):
    thresholds = [binary_digits(jnp.full((1,), p), n_digits)]
    words = jax.random.bits(key, (3,), jnp.uint32)
    (coin,), _ = jax.jit(lambda w: toss(thresholds, n_digits, seed_lanes(w, jnp.arange(n, dtype=jnp.uint32))))(words)
    return np.unpackbits(np.asarray(coin).view(np.uint8).reshape(n, 4), axis=1)


@pytest.mark.parametrize("p", [np.exp(-8 / 2.269185), np.exp(-4 / 2.269185), 0.5, 0.9999])
def test_frequency_of_a_coin(key, p):
    """8.4e6 coins.  False alarm 1e-4; resolution 4 standard errors, at p = 0.17 an error of 0.3 %."""
    sees = norm.isf(0.5e-4) * np.sqrt(p * (1 - p) / (32 * 2**18))
    assert abs(coins(key, p, 12).mean() - p) < sees
    assert abs(coins(key, p * 0.99, 12).mean() - p) > sees  # planted: 1 % too rare


def test_coins_of_one_word_are_coupled_only_below_the_last_own_digit(key):
    """Cov = d (1 - d) 4^-K exactly, d the digits of p below the first K.  2.6e5 words, false alarm 1e-4."""
    p, K, n = 1 / 3, 2, 2**18
    flips = coins(key, p, K, n).astype(float)
    d = p * 2**K % 1
    covariance = (flips.sum(1).var() / 32 - p * (1 - p)) / 31
    error = 1.1 * p * (1 - p) / np.sqrt(n * 31 * 16)
    assert abs(covariance - d * (1 - d) * 4.0**-K) < norm.isf(0.5e-4) * error + 0.05 * 4.0**-K / 4
    flips = coins(key, p, 12, n).astype(float)
    assert abs((flips.sum(1).var() / 32 - p * (1 - p)) / 31) < 2 * norm.isf(0.5e-4) * error


def correlations(words):
    """Largest |z| of the correlation between bits of neighboring lanes, following uses, digits, and shifted bits."""
    bits = [((words >> np.uint32(r)) & 1).astype(np.int8) * 2 - 1 for r in range(32)]
    x = np.stack(bits, -1).astype(np.float32)  # [use, digit, lane, bit]
    z = []
    for axis, lags in ((0, (1, 2)), (1, (1, 2, 3)), (2, (1, 2, 32)), (3, (1, 9, 11))):
        for lag in lags:
            n = x.shape[axis]
            a, b = (np.take(x, range(*span), axis) for span in ((0, n - lag), (lag, n)))
            product = (a * b).mean(axis=(0, 2))  # one value for each digit and bit: [digit, bit]
            z.append(np.abs(product).max() * np.sqrt(a.shape[0] * a.shape[2]))
    return max(z)


def streams(key, n_uses=16, n_lanes=2048, n_digits=14):
    words = jax.random.bits(key, (n_uses, 3), jnp.uint32)
    lane = jnp.arange(n_lanes, dtype=jnp.uint32)

    def use(w):
        stream, digits = seed_lanes(w, lane), []
        for _ in range(n_digits):
            digit, stream = draw(stream)
            digits.append(digit)
        return jnp.stack(digits)

    return np.asarray(jax.vmap(use)(words))


def test_no_correlation_between_lanes_uses_digits_or_bits(key, monkeypatch):
    """4,700 correlations of 3e4 pairs each.  False alarm 1e-4 in all; sees a correlation of 0.03."""
    limit = norm.isf(0.5e-4 / 4700)
    assert correlations(streams(key)) < limit
    monkeypatch.setattr(bitstream, "scramble", lambda x: x)  # planted: neighboring lanes start alike
    assert correlations(streams(key)) > limit
