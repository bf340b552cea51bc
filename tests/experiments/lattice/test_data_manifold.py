# SPDX-License-Identifier: Apache-2.0
"""Minima are found where they are, claims are refuted by curves without one, the thermometer sees a wrong variance."""

import numpy as np
import pytest

from isinglass.exact.lattice.enumeration import configurations
from isinglass.experiments.lattice.data_manifold import (
    DataManifold,
    DimensionCurve,
    minimum,
    thermometer,
    without_size,
)
from isinglass.experiments.theory_curve import beyond
from isinglass.result import Estimate

T = np.array(DataManifold().temperature)
RNG = np.random.default_rng(0)


def curve(mean, spread=0.05, same=0.0):
    d = np.asarray(mean)[:, None] * (1 + spread * RNG.normal(size=(len(T), 16)))
    return DimensionCurve(d, np.full(len(T), 0.1), np.full(len(T), same))


def verdicts(large, small, same=0.0):
    curves = {16: curve(small), 64: curve(large, same=same)}
    return [c.verdict for c in DataManifold().claims(RNG, T, curves, {})]


def test_the_place_of_a_minimum():
    assert minimum(T, np.exp((T - 2.36) ** 2)) == pytest.approx(2.36, abs=1e-6)
    assert np.isnan(minimum(T, np.exp(-((T - 2.36) ** 2))))
    assert np.isnan(minimum(T, 1 / T))


def test_the_place_on_an_infinite_lattice():
    found = without_size([(16, None), (32, Estimate(2.3, 0.01)), (64, Estimate(2.25, 0.02))])["critical_temperature"]
    assert found.value == pytest.approx(2.2)
    assert found.error == pytest.approx((0.01**2 + 0.04**2) ** 0.5)
    assert without_size([(16, None), (32, Estimate(2.3, 0.01))]) == {} == without_size([(16, Estimate(2.3, 0.01))])


def test_claims_of_curves():
    dip, flat = 36 + 600 * (T - 2.34) ** 2, np.full(len(T), 17.0)
    assert verdicts(dip, flat) == ["pass"] * 5
    assert verdicts(flat, dip)[:2] == ["unknown", "unknown"]
    assert "fail" in verdicts(30 * T, flat)[:1]
    assert verdicts(36 + 900 * (T - 2.45) ** 2, flat)[2] == "fail"
    assert verdicts(dip, dip)[3] == "unknown"
    assert verdicts(dip, flat, same=0.3)[-1] == "fail"


def test_beyond():
    assert [beyond("", Estimate(1 + z * 0.1, 0.1), 1.0, "").verdict for z in (3.1, 2.9, -2.9, -3.1)] == [
        "pass", "unknown", "unknown", "fail"]  # fmt: skip


def test_the_thermometer_of_a_small_lattice():
    """All 4 x 4 configurations, as often as they are: T²/√Var(E) within 4 errors; T/√Var(E) is not."""
    temperature = 3.0
    s = 2.0 * np.concatenate(list(configurations(16))).reshape(-1, 4, 4) - 1
    E = -(s * (np.roll(s, 1, 1) + np.roll(s, 1, 2))).sum((1, 2))
    p = np.exp(-E / temperature)
    p /= p.sum()
    exact = temperature**2 / np.sqrt(p @ E**2 - (p @ E) ** 2)
    chosen = RNG.choice(len(s), 8000, p=p)
    found = thermometer(s[chosen], np.arange(8000) // 100, temperature)
    assert abs(found.value - exact) < 4 * (found.error or 0.0) < 0.05 * exact
