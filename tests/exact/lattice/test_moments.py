# SPDX-License-Identifier: Apache-2.0
"""Magnetization moments against published values and enumeration."""

from pathlib import Path

import numpy as np
import pytest

from isinglass.exact.lattice.enumeration import configurations, ising_energies, spins
from isinglass.exact.lattice.moments import magnetization_law, magnetization_moments, magnetization_thermometer

TABLE = np.genfromtxt(Path(__file__).parent / "tables/moments.csv", delimiter=",", names=True)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"L{row['L']:.0f}-T{row['T']:.2f}")
def test_reference_values(row):
    moments = magnetization_moments(float(row["T"]), int(row["L"]))
    for name in ("abs_m", "m2", "m4"):
        assert getattr(moments, name) == pytest.approx(row[name], abs=6e-11)
    assert moments.U4 == pytest.approx(row["U4"], abs=6e-9)


@pytest.mark.parametrize("L", [2, 3, 4])
def test_enumeration(L):
    site = np.arange(L * L).reshape(L, L)
    bonds = np.concatenate([np.stack([site, np.roll(site, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])
    E = np.concatenate(list(ising_energies(L * L, bonds)))
    M = np.concatenate([spins(x).sum(axis=1) for x in configurations(L * L)])
    weight = np.exp(-E / 2.5)
    expected = [weight[m == M].sum() / weight.sum() for m in range(-L * L, L * L + 1, 2)]
    levels, P = magnetization_law(2.5, L)
    np.testing.assert_array_equal(levels, np.arange(-L * L, L * L + 1, 2))
    np.testing.assert_allclose(P, expected, rtol=0, atol=1e-13)
    wrong = magnetization_law(2.5 * 1.001, L)[1]  # planted: temperature off by 0.1 %
    assert np.abs(wrong - expected).max() > 1e-5


def test_limits():
    assert magnetization_moments(0.2, 6).U4 == pytest.approx(2 / 3, rel=1e-9)
    assert magnetization_moments(1e6, 4).m2 == pytest.approx(1 / 16, rel=1e-5)
    with pytest.raises(ValueError, match="L <= 10"):
        magnetization_law(2.0, 11)


def test_the_thermometer_between_and_beyond_its_temperatures():
    found = magnetization_thermometer(4)
    for T in (0.5, 1.37, 2.05, 2.44, 3.3, 7.0, 15.0):
        abs_m = magnetization_moments(T, 4).abs_m
        assert found.mean(T) == pytest.approx(abs_m, abs=5e-4)
        assert found.temperature(float(found.mean(T))) == pytest.approx(T)
    assert [found.temperature(m) for m in (1.0, 0.1)] == [0.0, np.inf]
    assert np.isnan(found.mean(30.0))
