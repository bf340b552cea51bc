# SPDX-License-Identifier: Apache-2.0
"""Extrapolations of planted laws, and the claims with few samples; a wrong theory is seen."""

import jax
import numpy as np
import pytest
from scipy.special import ndtr

from isinglass.exact.learning.hopfield import capacity, retrieval_state
from isinglass.experiments.learning.hopfield_capacity import HopfieldCapacity
from isinglass.experiments.learning.hopfield_ensemble import at_once, retrieve
from isinglass.experiments.learning.hopfield_scaling import capacity_by_crossing, capacity_by_overlaps, to_infinity
from isinglass.result import Estimate


def test_a_planted_law_in_1_over_n_is_found():
    """Sizes with other errors: the smaller counts for less."""
    of = {N: Estimate(0.99 + 3.0 / N, 1e-3 * (N / 500) ** 0.5) for N in (500, 1000, 2000)}
    found = to_infinity(of)
    assert found.value == pytest.approx(0.99, abs=1e-9)
    draws = np.random.default_rng(0).normal(size=(4000, 3))
    moved = [{N: Estimate(e.value + e.error * d, e.error) for (N, e), d in zip(of.items(), row, strict=True)}
             for row in draws]  # fmt: skip
    assert np.std([to_infinity(each).value for each in moved]) == pytest.approx(found.error, rel=0.05)


def test_what_the_smallest_size_moves_is_part_of_the_error():
    of = {N: Estimate(0.99 + 3.0 / N + (0.01 if N == 500 else 0.0), 1e-4) for N in (500, 1000, 2000)}
    found = to_infinity(of)
    assert abs(found.value - 0.99) < found.error < 0.02


def test_a_planted_crossing_is_found():
    """Shares are those of sizes and loads that are whole numbers of patterns."""
    share = {(N, a): Estimate(float(ndtr(1.4 - 55 * (round(a * N) / N - 0.1379) * (N / 1000) ** 0.6)), 0.005)
             for N in (500, 1000, 2000) for a in (0.13, 0.135, 0.14, 0.15)}  # fmt: skip
    alpha_c, omega = capacity_by_crossing(share)
    assert alpha_c.value == pytest.approx(0.1379, abs=1e-5)
    assert omega.value == pytest.approx(0.6, abs=1e-3)
    assert alpha_c.error < 0.002
    none, _ = capacity_by_crossing({(N, a): Estimate(1.0, 0.0) for N, a in share})
    assert np.isnan(none.value)


def test_a_planted_capacity_is_found_from_overlaps():
    top = capacity().alpha
    m = {a: Estimate(retrieval_state(a * top / 0.142).m, 1e-4) for a in (0.1, 0.12, 0.13)}
    assert capacity_by_overlaps(m).value == pytest.approx(0.142, abs=1e-6)


def test_batches_divide_the_samples():
    assert [at_once(12, n) for n in (10**9, 1600, 1100, 1)] == [1, 4, 6, 12]


@pytest.mark.slow
def test_patterns_beyond_the_load_change_nothing():
    """30 of at most 40 patterns as 30 of 30, and a network with all 40 does worse."""
    keys = jax.random.split(jax.random.key(0), 4)
    thirty, forty = (retrieve(keys, 200, 40, load, 1.0, 4).overlap for load in (20, 40))
    assert thirty.mean() > 0.98 > forty.mean()


@pytest.mark.slow
def test_the_claims_hold():
    result = HopfieldCapacity.preset("smoke").run(jax.random.key(1))
    assert result.verdict == "pass", [c for c in result.checks if c.verdict != "pass"]
    assert list(result.plot()) == ["overlap_load", "retrieval_share", "basins"]


@pytest.mark.slow
def test_a_theory_with_a_missing_factor_is_refuted(monkeypatch):
    """Planted: overlaps at one and a half times the load."""
    from isinglass.exact.learning import hopfield

    right = hopfield.retrieval_state
    wrong = lambda alpha, T=0.0: right(min(1.5 * alpha, 0.137 if T == 0 else 0.09), T)  # noqa: E731
    monkeypatch.setattr(hopfield, "retrieval_state", wrong)
    small = {"sizes": (300, 900), "samples": 24, "basin_samples": 8, "capacity_loads": (0.15,), "warm_samples": 8,
             "warm_neurons": 100, "cue_overlaps": (0.5,)}  # fmt: skip
    assert HopfieldCapacity(**small).run(jax.random.key(1)).verdict == "fail"
