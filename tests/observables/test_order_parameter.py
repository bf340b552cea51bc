# SPDX-License-Identifier: Apache-2.0
"""Ordering wave and its neighbors by hand; ξ of the free field and the Ising chain; moments on paper."""

from math import comb

import numpy as np
import pytest

from isinglass.exact.field import free_field
from isinglass.exact.lattice import chain, moments
from isinglass.observables.order_parameter import (
    correlation_ratio,
    moment_ratio,
    ordering_wave,
    powers_beside,
    star,
    susceptibility,
)
from isinglass.observables.structure_factor import wave_power


def pattern(name, L=6):
    """±1 in order: uniform, stripes along an axis, a checkerboard."""
    i, j = np.indices((L, L))
    return (-1.0) ** {"uniform": 0 * i, "stripes": j, "checkerboard": i + j}[name]


@pytest.mark.parametrize(("name", "wave"), [("uniform", (0, 0)), ("stripes", (0, 3)), ("checkerboard", (3, 3))])
def test_the_wave_that_orders(name, wave):
    """Full order: |s_Q|² = 1 and nothing beside Q.  Planted: another pattern."""
    power = wave_power(pattern(name)[None], (1, 2))
    assert ordering_wave(power) == wave
    np.testing.assert_allclose(powers_beside(power, wave), [[1, 0, 0]], atol=1e-12)
    other = wave_power(pattern("stripes" if name != "stripes" else "uniform")[None], (1, 2))
    assert ordering_wave(other) != wave
    assert powers_beside(other, wave)[0, 0] < 0.5


def test_equal_sides_make_stripes_equivalent():
    assert star((0, 3), (6, 6)) == [(0, 3), (3, 0)]
    assert star((0, 3), (6, 8)) == [(0, 3)]
    assert len(star((1, 5), (6, 6))) == 1  # (5, 1) = -(1, 5)


def ratio(S):
    """ξ/L of a known S(k), uniform order."""
    powers = powers_beside(S[None], (0, 0))
    return float(correlation_ratio(powers[:, 0], powers[:, 1:], S.shape)[0])


@pytest.mark.parametrize("sides", [(8, 8), (6, 10), (4, 2)])
def test_correlation_length_of_the_free_field(sides):
    """S = 1/(k̂² + m²) has ξ = 1/m whatever the lattice.  Planted: 5 % in m."""
    m = 0.7
    found = ratio(1 / free_field.spectrum(sides, m**2))
    expected = np.sqrt(np.mean([1 / (m * L) ** 2 for L in sides if L > 2]))
    assert found == pytest.approx(expected, rel=1e-10)
    assert ratio(1 / free_field.spectrum(sides, (1.05 * m) ** 2)) != pytest.approx(expected, rel=0.03)


def test_correlation_length_of_the_ising_chain():
    """<s_0 s_r> = (t^r + t^(L-r))/(1 + t^L), t = tanh K: ξ = √t/(1 - t), the transfer matrix' to 1/(24 ξ²).

    Planted: the next wave but one.
    """
    K, L = 1.5, 48
    t, r = np.tanh(K), np.arange(L)
    S = np.fft.fft((t**r + t ** (L - r)) / (1 + t**L)).real
    found = L * float(correlation_ratio(S[:1], S[None, 1:2], (L,))[0])
    exact = chain.correlation_length(K)
    assert found == pytest.approx(t**0.5 / (1 - t), rel=1e-10)
    assert found == pytest.approx(exact, rel=1 / (20 * exact**2))
    assert L * float(correlation_ratio(S[:1], S[None, 2:3], (L,))[0]) != pytest.approx(exact, rel=0.5)


def test_noise_never_makes_a_length_imaginary():
    assert 0 < correlation_ratio(np.array([1.0]), np.array([[1.2]]), (8,))[0] < 0.01


def test_moment_ratio_is_that_of_the_transfer_matrix():
    """Of 4 x 4 Ising, 1 at T -> 0 and 3 at T -> ∞, 1 + 2/n of n normal components.  Planted: <|m|>⁴ for <m²>²."""
    known = moments.magnetization_moments(4.0, 4)
    assert moment_ratio(np.array([known.m2]), np.array([known.m4])) == pytest.approx(3 * (1 - known.U4))
    assert moment_ratio(np.array([known.abs_m**2]), np.array([known.m4])) != pytest.approx(3 * (1 - known.U4), 0.1)
    cold = moments.magnetization_moments(0.2, 4)
    assert moment_ratio(np.array([cold.m2]), np.array([cold.m4])) == pytest.approx(1)
    n = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(moment_ratio(n, n * (n + 2)), 1 + 2 / n)  # the moments of χ²


def test_susceptibility_of_free_spins():
    """1 - 2/π, from the binomial law of 400 spins.  Planted: <m>² = 0 for <|m|>²."""
    N = 400
    m = 1 - 2 * np.arange(N + 1) / N
    p = np.array([comb(N, k) / 2**N for k in range(N + 1)])
    m2, m_abs = np.array([p @ m**2]), np.array([p @ np.abs(m)])
    assert susceptibility(m2, m_abs, N) == pytest.approx(1 - 2 / np.pi, abs=1 / N)
    assert susceptibility(m2, np.zeros(1), N) != pytest.approx(1 - 2 / np.pi, abs=0.1)
