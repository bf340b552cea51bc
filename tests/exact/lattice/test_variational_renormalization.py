# SPDX-License-Identifier: Apache-2.0
"""Couplings of made-up energies, decimation by hand, and the bound by sums over every v and h."""

from itertools import product

import numpy as np
import pytest

from isinglass.exact.lattice.variational_renormalization import spin_couplings, square_decimation, variational_step

RNG = np.random.default_rng(2)


def states(n):
    """Bit i of the number is 0 where s_i = 1."""
    return np.array([[1 - 2 * (k >> i & 1) for i in range(n)] for k in range(2**n)])


def test_couplings_are_those_that_were_put_in():
    s = states(5)
    log_w = 0.7 + 0.3 * s[:, 1] - 0.5 * s[:, 0] * s[:, 3] + 0.2 * s[:, 2] * s[:, 3] * s[:, 4]
    expected = np.zeros(32)
    expected[[0, 1 << 1, 0b01001, 0b11100]] = 0.7, 0.3, -0.5, 0.2
    np.testing.assert_allclose(spin_couplings(log_w), expected, atol=1e-15)
    log_w = RNG.normal(size=32)
    assert (spin_couplings(log_w) ** 2).sum() == pytest.approx((log_w**2).mean())


@pytest.mark.parametrize("K", [0.1, 0.44, 3.0])
def test_a_site_between_four(K):
    s = states(4)  # in order around the site
    found = spin_couplings(np.log(2 * np.cosh(K * s.sum(axis=1))))
    near, far, four = square_decimation(K)
    assert found[[0b0011, 0b0110, 0b1100, 0b1001]] == pytest.approx(near / 2)
    assert found[[0b0101, 0b1010]] == pytest.approx(far)
    assert found[0b1111] == pytest.approx(four)
    assert square_decimation(0.44)[0] == pytest.approx(0.25 * np.log(np.cosh(1.76)))


def test_the_bound_by_every_state():
    """H of 16 and E of 16 x 8 states by random numbers; every sum written out."""
    H, E = RNG.normal(size=16), RNG.normal(size=(16, 8))
    Z, Z_new = np.exp(-H).sum(), np.exp(-E).sum()
    T = H[:, None] - E
    p, q = np.exp(-H) / Z, np.exp(-E).sum(axis=1) / Z_new
    step = variational_step(H, -np.log(np.exp(-E).sum(axis=1)))
    assert step.free_energy_change == pytest.approx(-np.log(Z_new / Z))
    assert step.divergence == pytest.approx(sum(a * np.log(a / b) for a, b in zip(p, q, strict=True)))
    assert step.mean_log_sum == pytest.approx(p @ np.log(np.exp(T).sum(axis=1)))
    assert step.worst == pytest.approx(np.abs(np.log(np.exp(T).sum(axis=1))).max())
    assert step.mean_log_sum == pytest.approx(-step.free_energy_change - step.divergence)
    assert np.log(p @ np.exp(T).sum(axis=1)) == pytest.approx(-step.free_energy_change)
    assert step.divergence > 0


def test_an_exact_transformation():
    """T of a hidden copy at any weight: Σ_h exp T = 1, and a constant in E moves the free energy alone."""
    s = states(3)
    H = -0.4 * (s * np.roll(s, 1, axis=1)).sum(axis=1)
    T = np.array([[1.3 * v[0] * h - np.log(2 * np.cosh(1.3)) for h in (1, -1)] for v in s])
    F = -np.log(np.exp(T - H[:, None]).sum(axis=1))
    step = variational_step(H, F)
    assert max(map(abs, step)) < 1e-14
    moved = variational_step(H, F + 0.5)
    assert moved.free_energy_change == pytest.approx(0.5)
    assert moved.divergence == pytest.approx(0.0, abs=1e-14)


def test_numbers_of_states():
    assert [tuple(row) for row in states(2)] == [(a, b) for b, a in product((1, -1), repeat=2)]
