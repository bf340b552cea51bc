# SPDX-License-Identifier: Apache-2.0
"""Exponents and ratios of exact power laws; a scatter that is known; nothing beyond what was measured."""

import numpy as np
import pytest

from isinglass.experiments.atoms.power_law import ForceCurve, data_ratio

SIZE = np.array([10.0, 40.0, 160.0])


def law(size: np.ndarray, a: float, b: float, trainings: int = 2) -> ForceCurve:
    """a N^-b, without scatter."""
    return ForceCurve(size, np.repeat(a * size[:, None] ** -b, trainings, axis=1))


def test_exact_laws():
    few, many = law(SIZE, 1.0, 0.5), law(100 * SIZE, 10.0, 0.5)
    assert few.exponent.value == pytest.approx(0.5, abs=1e-12)
    found = data_ratio(few, many)
    assert found.ratio.value == pytest.approx(100.0, rel=1e-9)
    assert not found.bound
    assert found.error == pytest.approx(10.0 * 16_000**-0.5)


def test_swapped_the_ratio_is_its_inverse():
    few, many = law(SIZE, 1.0, 0.5), law(SIZE, 2.0, 0.5)
    assert data_ratio(few, many).ratio.value == pytest.approx(4.0)
    assert data_ratio(many, few).ratio.value == pytest.approx(0.25)


def test_what_is_better_from_the_first_size_on_is_a_bound():
    found = data_ratio(law(SIZE, 0.01, 0.5), law(SIZE, 1.0, 0.5))
    assert found.bound
    assert found.ratio.value == pytest.approx(16.0)  # 160 by 10, not the 10,000 of the lines continued


def test_the_error_is_that_of_many_repetitions():
    """σ = 0.1 in logarithms, four trainings; 2000 repetitions, σ's own error 2 %; it errs to the safe side."""
    rng, found, said = np.random.default_rng(0), [], []
    for _ in range(2000):
        noisy = [law(s, a, 0.5).error[:, :1] * np.exp(0.1 * rng.normal(size=(3, 4))) for s, a in ((SIZE, 1), (SIZE, 2))]
        ratio = data_ratio(*(ForceCurve(SIZE, e) for e in noisy)).ratio
        found.append(np.log(ratio.value))
        said.append((ratio.error or 0.0) / ratio.value)
    assert 0.9 < np.mean(said) / np.std(found) < 1.6
    assert np.mean(found) == pytest.approx(np.log(4.0), abs=0.05)


def test_a_flat_curve_has_no_ratio():
    flat = ForceCurve(SIZE, np.full((3, 2), 0.2))
    assert data_ratio(law(SIZE, 1.0, 0.5), flat).ratio.error is None


def test_two_points_of_one_training_have_no_error():
    curve = law(SIZE[:2], 1.0, 0.5, trainings=1)
    assert data_ratio(curve, law(SIZE[:2], 2.0, 0.5, trainings=1)).ratio.error is None


def test_at_a_floor_no_ratio_is_taken():
    """Exact laws 1 and 4 by N^-½, whose ratio is 16; from 160 on training limits the other."""
    rng, size = np.random.default_rng(0), 10.0 * 4.0 ** np.arange(6)
    noisy = lambda e: ForceCurve(size, e[:, None] * np.exp(0.02 * rng.normal(size=(6, 8))))  # noqa: E731
    few, many = noisy(size**-0.5), noisy(np.maximum(4 * size**-0.5, 4 * 160**-0.5))
    assert many.falling.size[-1] == 160  # noqa: PLR2004
    assert data_ratio(few, many).ratio.value == pytest.approx(16.0, rel=0.1)
    assert few.falling.size[-1] == size[-1]
