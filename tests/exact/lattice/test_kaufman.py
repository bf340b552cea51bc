# SPDX-License-Identifier: Apache-2.0
"""Kaufman's solution against published values, enumeration and 50-digit arithmetic."""

from pathlib import Path

import mpmath
import numpy as np
import pytest

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.enumeration import boltzmann, ising_energies

TABLE = np.genfromtxt(Path(__file__).parent / "tables/kaufman.csv", delimiter=",", names=True)
TC = 2.269185314213022


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"L{row['L']:.0f}-T{row['T']:.2f}")
def test_reference_values(row):
    T, L = float(row["T"]), int(row["L"])
    assert kaufman.log_partition_function(T, L) == pytest.approx(row["lnZ"], rel=2e-12)
    assert kaufman.energy(T, L) == pytest.approx(row["u"], rel=2e-11)
    assert kaufman.specific_heat(T, L) == pytest.approx(row["c"], rel=2e-10)


def torus_bonds(Lx, Ly):
    site = np.arange(Lx * Ly).reshape(Lx, Ly)
    return np.concatenate([np.stack([site, np.roll(site, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (4, 4), (3, 5), (5, 3), (4, 2)])
@pytest.mark.parametrize("T", [0.5, 2.0, TC, 5.0])
def test_enumeration(shape, T):
    exact = boltzmann(ising_energies(shape[0] * shape[1], torus_bonds(*shape)), 1 / T)
    N = shape[0] * shape[1]
    assert kaufman.log_partition_function(T, *shape) == pytest.approx(exact.log_Z / N, rel=1e-13)
    assert kaufman.energy(T, *shape) == pytest.approx(exact.mean_energy / N, rel=1e-12)
    assert kaufman.specific_heat(T, *shape) == pytest.approx(exact.energy_variance / N / T**2, abs=1e-11)


def log_z_in_50_digits(K, L, sign=1):
    """Logarithm ln Z / N as printed in the textbook; sign = -1 plants the common error |γ_0|."""
    gamma = [
        mpmath.acosh(mpmath.cosh(2 * K) * mpmath.coth(2 * K) - mpmath.cospi(mpmath.mpf(r) / L)) for r in range(2 * L)
    ]
    zero = 2 * K + mpmath.log(mpmath.tanh(K))
    gamma[0] = zero if sign > 0 else abs(zero)
    terms = [mpmath.fprod(2 * f(L * g / 2) for g in gamma[s::2]) for s in (1, 0) for f in (mpmath.cosh, mpmath.sinh)]
    return (mpmath.log(sum(terms)) - mpmath.log(2)) / L**2 + mpmath.log(2 * mpmath.sinh(2 * K)) / 2


@pytest.mark.parametrize(("L", "T"), [(64, 0.1), (64, 2.2), (64, TC), (64, 2.3), (64, 100.0), (256, 2.27)])
def test_against_50_digits(L, T):
    """Derivatives by central differences of 50-digit logarithms."""
    with mpmath.workdps(60):
        K, step = 1 / mpmath.mpf(T), mpmath.mpf(10) ** -15
        below, here, above = (log_z_in_50_digits(K + k * step, L) for k in (-1, 0, 1))
        u = -(above - below) / (2 * step)
        c = (above - 2 * here + below) / step**2 * K**2
    assert kaufman.log_partition_function(T, L) == pytest.approx(float(here), rel=1e-13)
    assert kaufman.energy(T, L) == pytest.approx(float(u), rel=1e-11)
    assert kaufman.specific_heat(T, L) == pytest.approx(float(c), abs=1e-9)


def test_sign_of_gamma_zero_is_seen():
    """Above T_c the planted |γ_0| shifts ln Z by more than the tolerance above."""
    with mpmath.workdps(30):
        right, wrong = (float(log_z_in_50_digits(1 / mpmath.mpf(2.5), 8, sign)) for sign in (1, -1))
    assert kaufman.log_partition_function(2.5, 8) == pytest.approx(right, rel=1e-13)
    assert abs(right - wrong) > 1e-4


def test_arrays_of_temperature():
    T = np.array([[1.0, TC], [3.0, 4.0]])
    one_by_one = [[kaufman.specific_heat(float(t), 6) for t in row] for row in T]
    np.testing.assert_allclose(kaufman.specific_heat(T, 6), one_by_one, rtol=1e-14)


@pytest.mark.parametrize("L", [3, 8, 32])
def test_the_temperature_of_an_energy(L):
    for T in (0.6, 1.9, TC, 3.0, 40.0):
        assert kaufman.temperature_of_energy(float(kaufman.energy(T, L)), L) == pytest.approx(T, rel=1e-6)
    assert kaufman.temperature_of_energy(float(kaufman.energy(2.5, L, L + 1)), L, L + 1) == pytest.approx(2.5)
    assert [kaufman.temperature_of_energy(u, L) for u in (-2.0, -2.1, 0.0, 1.0)] == [0.0, 0.0, np.inf, np.inf]
    assert np.isnan(kaufman.temperature_of_energy(float("nan"), L))
