# SPDX-License-Identifier: Apache-2.0
"""A planted map of couplings has its exponent; a planted flow turns at its place, with errors that say how well."""

import numpy as np
import pytest

from isinglass.inference.renormalization.matching import fixed_point, resampled, turns
from isinglass.inference.renormalization.stability import leading_exponent, moments

TC, Y = 2.27, 1.2


def test_a_planted_map_has_its_exponent():
    """S' = A S + noise: cov(S', S) = A cov(S), and T = cov(S')⁻¹ cov(S', S) is known."""
    rng = np.random.default_rng(1)
    A, spread = np.array([[1.6, 0.4], [0.1, 0.7]]), np.array([[1.0, 0.3], [0.3, 2.0]])
    n = 400_000
    S = rng.multivariate_normal([5.0, -3.0], spread, n)
    coarse = S @ A.T + rng.normal(size=(n, 2)) + 7.0
    exact = np.linalg.solve(A @ spread @ A.T + np.eye(2), A @ spread)
    y = np.log(np.linalg.eigvals(exact).real.max()) / np.log(3)
    group = np.arange(n) % 40
    found = leading_exponent(moments(coarse, S, group), resampled(rng, 40, 200), 3)
    assert found[0] == pytest.approx(y, abs=5 * found[1:].std())
    assert 0 < found[1:].std() < 0.01


def test_products_that_do_not_fluctuate_have_no_exponent():
    one = np.ones((8, 2))
    assert np.isnan(leading_exponent(moments(one, one, np.arange(8)), np.ones((3, 8)), 2)).all()


def curve(T, L, rng=None, noise=0.0, draws=1):
    """<s s'> of both sizes by one function of (T - T_c) L^y, with independent noise in each draw."""
    clean = 0.6 - 0.3 * np.tanh(0.4 * (T - TC) * L**Y)
    return clean + (noise * rng.normal(size=(draws, len(T))) if rng is not None else 0.0)


def test_a_planted_flow_turns_at_its_place():
    T = np.linspace(2.0, 2.5, 11)
    critical, slope = fixed_point(T, curve(T, 4)[None].repeat(3, 0), curve(T, 2)[None].repeat(3, 0))
    assert critical[0] == pytest.approx(TC, abs=2e-3)
    assert np.log2(slope[0]) == pytest.approx(Y, abs=0.05)
    falling = T[::-1]  # the parameter as a coupling: order is on the other side
    critical, slope = fixed_point(-falling, curve(falling, 4)[None].repeat(3, 0), curve(falling, 2)[None].repeat(3, 0))
    assert critical[0] == pytest.approx(-TC, abs=2e-3)
    assert np.log2(slope[0]) == pytest.approx(Y, abs=0.05)


def test_errors_of_the_place_are_honest():
    """Over 200 noisy flows T_c is within one error in 68 %, within two in 95 %."""
    rng, T, pulls = np.random.default_rng(2), np.linspace(1.9, 2.6, 15), []
    for _ in range(200):
        seen = [curve(T, L, rng, 0.01) for L in (4, 2)]  # what is measured, and draws about it
        draws = [np.concatenate([one, one + 0.01 * rng.normal(size=(60, len(T)))]) for one in seen]
        critical, _ = fixed_point(T, *draws)
        pulls.append((critical[0] - TC) / critical[1:].std())
    inside = [np.mean(np.abs(pulls) < k) for k in (1, 2)]
    assert 0.55 < inside[0] < 0.8
    assert inside[1] > 0.9


def test_a_flow_that_only_nears_zero_does_not_turn():
    rng, T = np.random.default_rng(3), np.linspace(2.3, 2.6, 8)
    change = curve(T, 4, rng, 0.002, 50) - curve(T, 2, rng, 0.002, 50)
    assert not turns(change)
    assert not turns(np.zeros((20, 8)))
    T = np.linspace(2.0, 2.5, 8)
    assert turns(curve(T, 4, rng, 0.002, 50) - curve(T, 2, rng, 0.002, 50))
    assert not turns(np.repeat(curve(T, 4)[None] - curve(T, 2), 20, axis=0))  # planted: one group, no error
