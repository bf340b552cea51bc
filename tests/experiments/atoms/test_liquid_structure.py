# SPDX-License-Identifier: Apache-2.0
"""Two halves of one liquid do not differ, two liquids do; noise is not taken for agreement."""

import numpy as np
import pytest

from isinglass.experiments.atoms.liquid_structure import LiquidStructure, decided, difference
from isinglass.result import Check

R = (np.arange(100) + 0.5) * 0.06


def liquid(key: int, height: float = 0.0, noise: float = 0.1) -> LiquidStructure:
    """g = 1 and a peak, with independent noise in 8 blocks."""
    rng = np.random.default_rng(key)
    g = 1 + height * np.exp(-((R - 2.5) ** 2) / 0.1) + noise * rng.normal(size=(8, 100))
    return LiquidStructure(R, g, 0.05)


def test_the_difference_is_without_the_noise():
    """Noise 0.1/√8 each makes 0.05 of a plain difference; over 50 pairs of equal liquids D² is 0 within 4 errors."""
    squares = []
    for k in range(50):
        one = difference(liquid(k), liquid(1000 + k))
        squares.append(one.value**2)
        assert one.value < 0.04
    assert np.mean(squares) < 0.0004


def test_another_peak_is_seen():
    exact = np.sqrt(np.mean((0.5 * np.exp(-((R - 2.5) ** 2) / 0.1)) ** 2))
    found = difference(liquid(0, 0.5), liquid(1))
    assert found.value == pytest.approx(exact, abs=4 * (found.error or 0))
    assert decided(Check.at_most("", found.value, 0.0, tolerance=0.05, error=found.error)).verdict == "fail"


def test_neighbors_of_an_ideal_gas():
    """ρ 4π r³/3 of g = 1."""
    found = liquid(0, noise=1e-6).coordination
    assert found.value == pytest.approx(0.05 * 4 * np.pi / 3 * 27, rel=1e-3)


def test_what_is_not_resolved_is_unknown():
    wide = decided(Check.within("", 1.0, 1.0, 0.1, error=0.2))
    assert wide.verdict == "unknown"
    assert "run longer" in wide.law
    assert decided(Check.within("", 1.0, 1.0, 0.1, error=0.01)).verdict == "pass"
    assert decided(Check.within("", 2.0, 1.0, 0.1, error=0.01)).verdict == "fail"


def test_of_positions_counts_as_a_crystal_does():
    """Simple cubic, a = 2.5 Å: six neighbors within 3 Å."""
    x = np.stack(np.meshgrid(*[np.arange(4) * 2.5] * 3, indexing="ij"), -1).reshape(-1, 3)
    found = LiquidStructure.of(np.tile(x[None], (40, 1, 1)), 10 * np.eye(3))
    assert found.coordination.value == pytest.approx(6.0, rel=0.03)  # n - 1 others, and the middle of the bin
