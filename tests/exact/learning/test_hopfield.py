# SPDX-License-Identifier: Apache-2.0
"""The equations of Amit, Gutfreund and Sompolinsky against published numbers, sampled integrals and limits."""

from itertools import product
from math import tanh

import numpy as np
import pytest

from isinglass.exact.learning.hopfield import capacity, dense_error, mixture_overlap, one_step_error, retrieval_state
from isinglass.systems.lattice.hopfield import CAPACITY

PUBLISHED = {0.05: 0.99999223, 0.10: 0.99799927, 0.12: 0.99322273, 0.13: 0.98721189}
ERRORS = {0.05: 3.87e-6, 0.1: 7.8270e-4, 0.138: 3.5522e-3, 0.185: 1.00372e-2, 0.2: 1.26737e-2, 0.37: 5.00891e-2}


def test_capacity_and_overlaps_at_zero_temperature():
    top = capacity()
    assert top is not None
    np.testing.assert_allclose([top.alpha, top.m], [0.1379055665, 0.9674171148], atol=3e-9)
    assert top.alpha == pytest.approx(CAPACITY, abs=1e-10)
    np.testing.assert_allclose([retrieval_state(a).m for a in PUBLISHED], list(PUBLISHED.values()), atol=6e-9)
    assert retrieval_state(0.1380) is None


@pytest.mark.parametrize(("alpha", "T"), [(0.02, 0.5), (0.08, 0.2), (0.1, 0.05)])
def test_the_equations_hold_for_sampled_integrals(alpha, T):
    """2^20 normal z with their negatives; four standard errors: false alarm 1e-4, sees 0.1 % of a missing factor."""
    state = retrieval_state(alpha, T)
    z = np.random.default_rng(3).normal(size=2**20)
    r = 1 / (1 - (1 - state.q) / T) ** 2
    assert state.r == pytest.approx(r, rel=1e-9)
    t = np.tanh((state.m + np.sqrt(alpha * r) * np.stack([z, -z])) / T)
    for power, value in ((1, state.m), (2, state.q)):
        pairs = (t**power).mean(axis=0)
        assert abs(pairs.mean() - value) < 4 * pairs.std() / len(z) ** 0.5


def test_few_patterns_are_a_ferromagnet():
    m = retrieval_state(0.0, 0.6).m
    assert m == pytest.approx(tanh(m / 0.6), abs=1e-9)
    assert retrieval_state(1e-9, 0.6).m == pytest.approx(m, abs=1e-6)


def test_capacity_near_the_transition():
    """m² + 3σ² = 3t and α = σ² (2m²/3)², t = 1 - T -> 0: the largest α is 16 t³/27, at m² = 2t."""
    for t, within in ((0.02, 0.06), (0.005, 0.015)):
        top = capacity(1 - t)
        assert top.alpha / (16 * t**3 / 27) == pytest.approx(1, abs=within)
        assert top.m**2 / (2 * t) == pytest.approx(1, abs=within)
    assert capacity(1.0) is None
    assert retrieval_state(0.01, 1.2) is None


def test_zero_temperature_is_the_limit():
    """Corrections are of order T²."""
    off = [retrieval_state(0.12, T).m - retrieval_state(0.12).m for T in (0.01, 0.02)]
    assert 3 < off[1] / off[0] < 5
    assert abs(off[0]) < 1e-4
    with pytest.raises(ValueError, match=r"at least 0\.001"):
        retrieval_state(0.1, 1e-5)


def test_one_step_errors():
    np.testing.assert_allclose([one_step_error(a) for a in ERRORS], list(ERRORS.values()), rtol=1e-3)
    assert dense_error(2, 138, 1000) == pytest.approx(one_step_error(0.138))
    assert dense_error(3, 1500, 100) == pytest.approx(one_step_error(3 * 1500 / 100**2))


@pytest.mark.parametrize("n", [1, 3, 5, 7])
def test_mixtures_by_enumeration(n):
    signs = np.array(list(product((-1, 1), repeat=n)))
    assert mixture_overlap(n) == np.mean(np.sign(signs.sum(axis=1)) * signs[:, 0])
