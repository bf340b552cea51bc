# SPDX-License-Identifier: Apache-2.0
"""Crossings, 1/L extrapolation and data collapse on curves whose T_c and nu are put in by hand."""

import numpy as np
import pytest

from isinglass.inference.phases.finite_size import Scaled, collapse, crossing, extrapolate

TC, NU = 2.269185314, 1.0
SIZES = (12, 16, 24, 32, 48)
T = np.arange(2.16, 2.41, 0.02)


def curves(tc=TC, nu=NU, correction=0.0, noise=0.0, seed=0):
    """A cubic scaling function, and a slope that grows as L^(1/nu)."""
    L = np.repeat(SIZES, len(T)).astype(float)
    at = np.tile(T, len(SIZES))
    x = (at - tc) * L ** (1 / nu)
    rng = np.random.default_rng(seed)
    near = np.abs(x) < 5
    ratio = -0.9 + 0.4 * x - 0.02 * x**3 + correction * L**-1.75 + noise * rng.normal(size=len(x))
    slope = np.log(L) / nu + 0.3 * x - 0.05 * x**2 + noise * rng.normal(size=len(x))
    error = np.full(near.sum(), max(noise, 1e-3))
    return [
        Scaled(L[near], at[near], ratio[near], error),
        Scaled(L[near], at[near], slope[near], error, power=1.0),
    ]


@pytest.mark.parametrize(("tc", "nu"), [(TC, 1.0), (2.30, 0.8)])
@pytest.mark.parametrize("correction", [0.0, 5.0])
def test_exact_curves_give_exact_parameters(tc, nu, correction):
    fit = collapse(curves(tc, nu, correction), start=(2.25, 1.0), degree=4, omega=1.75)
    np.testing.assert_allclose([fit.critical, fit.nu], [tc, nu], rtol=1e-5)


def test_a_neglected_correction_is_seen():
    """Planted: corrections to scaling in the data, none in the fit: chi2 says so."""
    noisy = curves(correction=20.0, noise=0.02)
    with_it = collapse(noisy, start=(2.25, 1.0), degree=4, omega=1.75)
    without = collapse(noisy, start=(2.25, 1.0), degree=4, omega=None)
    assert with_it.chi2 < 2 * with_it.freedom < without.chi2
    assert abs(with_it.critical - TC) < 0.003


def test_crossing():
    y = 1 / (1 + np.exp(20 * (T - 2.3)))
    np.testing.assert_allclose(crossing(T, y), 2.3, atol=1e-3)
    assert np.isnan(crossing(T, y + 1))


def test_extrapolation_in_inverse_size():
    L = np.array(SIZES, float)
    rng = np.random.default_rng(0)
    exact = TC + 1.3 / L
    value, error, move = extrapolate(L, exact, exact + 0.001 * rng.normal(size=(200, len(L))))
    np.testing.assert_allclose(value, TC, atol=1e-10)
    assert 0.0005 < error < 0.002
    assert move < 1e-10


def test_a_curved_extrapolation_moves():
    """Planted: a term in 1/L² that the straight line lacks shows up as the stated move."""
    L = np.array(SIZES, float)
    curved = TC + 1.3 / L + 8 / L**2
    value, _, move = extrapolate(L, curved, np.tile(curved, (5, 1)))
    assert abs(value - TC) > 0.005
    assert 0.2 * abs(value - TC) < move
