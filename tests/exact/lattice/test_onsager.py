# SPDX-License-Identifier: Apache-2.0
"""Onsager and Yang against published values, thermodynamics and the finite lattice."""

from pathlib import Path

import numpy as np
import pytest

from isinglass.exact.lattice import kaufman, onsager

TABLE = np.genfromtxt(Path(__file__).parent / "tables/onsager.csv", delimiter=",", names=True)
TC = 2.269185314213022


@pytest.mark.parametrize(
    ("quantity", "column"),
    [
        (onsager.free_energy, "f"),
        (onsager.energy, "u"),
        (onsager.specific_heat, "c"),
        (onsager.magnetization, "m"),
    ],
)
def test_reference_values(quantity, column):
    np.testing.assert_allclose(quantity(TABLE["T"]), TABLE[column], rtol=0, atol=1.01e-10)


def test_critical_point():
    assert onsager.critical_temperature() == pytest.approx(TC, rel=1e-15)
    assert onsager.energy(TC) == pytest.approx(-np.sqrt(2), rel=1e-14)
    assert onsager.specific_heat(TC) == np.inf
    assert onsager.magnetization(TC) == 0
    assert -onsager.free_energy(TC) / TC == pytest.approx(0.9296953983416103, rel=1e-14)


def thermodynamic_violation(f, u, c, T, step=1e-3):
    """Largest violation of u = f - T f' and c = u', derivatives by a five-point rule."""

    def derivative(g):
        return (8 * (g(T + step) - g(T - step)) - (g(T + 2 * step) - g(T - 2 * step))) / (12 * step)

    return max(np.abs(u(T) - f(T) + T * derivative(f)).max(), np.abs(c(T) - derivative(u)).max())


def test_thermodynamics():
    T = np.array([0.8, 1.5, 2.0, 2.2, 2.4, 3.0, 10.0])
    assert thermodynamic_violation(onsager.free_energy, onsager.energy, onsager.specific_heat, T) < 1e-7
    wrong = lambda t: onsager.energy(1.0001 * t)  # noqa: E731
    assert thermodynamic_violation(onsager.free_energy, wrong, onsager.specific_heat, T) > 1e-5


def test_large_torus_is_the_infinite_lattice():
    """Finite-size corrections fall exponentially away from T_c; extremes of T stay finite."""
    T = np.array([0.1, 0.5, 1.0, 1.8, 3.0, 100.0])
    np.testing.assert_allclose(onsager.energy(T), kaufman.energy(T, 256), rtol=0, atol=1e-12)
    np.testing.assert_allclose(onsager.specific_heat(T), kaufman.specific_heat(T, 256), rtol=0, atol=1e-11)
    assert onsager.free_energy(0.001) == pytest.approx(-2, rel=1e-14)
    assert onsager.magnetization(0.001) == 1


def test_coupling_is_the_unit_of_energy():
    assert onsager.energy(3.0, J=2.0) == pytest.approx(2 * onsager.energy(1.5), rel=1e-14)
    assert onsager.free_energy(3.0, J=2.0) == pytest.approx(2 * onsager.free_energy(1.5), rel=1e-14)
