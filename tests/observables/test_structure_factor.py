# SPDX-License-Identifier: Apache-2.0
"""|s_k|², S(k), C(r): white noise, a plane wave, Parseval, sums over pairs, the free field from its matrix."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.field import free_field
from isinglass.observables.structure_factor import (
    structure_factor,
    structure_factor_of_pairs,
    two_point_function,
    wave_power,
)

SHAPE = (6, 5)
ARRAYS = pytest.mark.parametrize("array", [np.asarray, jnp.asarray], ids=["numpy", "jax"])
LIMIT = 5.0  # standard errors; false alarm 6e-7 for each of 30 numbers


def deviation(S, expected):
    """Largest |<S> - expected| in standard errors over samples."""
    return float((np.abs(S.mean(axis=0) - expected) / (S.std(axis=0, ddof=1) / len(S) ** 0.5)).max())


@pytest.fixture
def white():
    return np.random.default_rng(0).normal(scale=1.5, size=(4000, *SHAPE))


@ARRAYS
def test_white_noise_has_a_flat_spectrum(white, array):
    """<S(k)> = 2.25 at every k.  Sees 10 % in one of them, and a mean of 0.15 in S(0)."""
    S = np.asarray(structure_factor(array(white), (1, 2)))
    assert deviation(S, 2.25) < LIMIT
    assert deviation(np.asarray(structure_factor(array(white + 0.15), (1, 2))), 2.25) > LIMIT
    assert deviation(S, 2.5) > LIMIT


@ARRAYS
def test_a_plane_wave_has_one_peak(array):
    """3 cos(k·r + 1), k = 2π (2/8, 1/6): 9/4 at k and at -k, nothing elsewhere.  Planted: the axes exchanged."""
    r = np.indices((8, 6))
    wave = 3 * np.cos(2 * np.pi * (2 * r[0] / 8 + r[1] / 6) + 1)
    expected = np.zeros((8, 6))
    expected[2, 1] = expected[-2, -1] = 9 / 4
    np.testing.assert_allclose(wave_power(array(wave)), expected, atol=1e-12)
    exchanged = 3 * np.cos(2 * np.pi * (r[0] / 8 + 2 * r[1] / 6) + 1)
    assert np.abs(np.asarray(wave_power(array(exchanged))) - expected).max() > 2


@ARRAYS
def test_parseval(white, array):
    """Σ_k |s_k|² = (1/N) Σ s², S = N |s_k|²; also of one axis of three.  Planted: S for |s_k|²."""
    x, square = array(white[:3]), (white[:3] ** 2).mean(axis=(1, 2))
    np.testing.assert_allclose(wave_power(x, (1, 2)).sum(axis=(1, 2)), square, rtol=1e-12)
    np.testing.assert_allclose(structure_factor(x, (1, 2)), 30 * wave_power(x, (1, 2)), rtol=1e-10)
    np.testing.assert_allclose(wave_power(x, (2,)).sum(axis=2), (white[:3] ** 2).mean(axis=2), rtol=1e-12)
    assert np.abs(np.asarray(structure_factor(x, (1, 2))).sum(axis=(1, 2)) / square - 1).min() > 1


@ARRAYS
def test_two_point_function_is_the_mean_over_pairs(white, array):
    """(1/N) Σ_i s_i s_(i+r) by shifts of the lattice.  Planted: a shift by one site."""
    x = white[0]
    C = np.asarray(two_point_function(wave_power(array(x))))
    direct = np.array([[(x * np.roll(x, (-a, -b), (0, 1))).mean() for b in range(5)] for a in range(6)])
    np.testing.assert_allclose(C, direct, atol=1e-12)
    assert np.abs(C - np.roll(direct, 1, axis=1)).max() > 0.5


def test_pairs_on_a_lattice_give_its_structure_factor(white):
    """C_ij = x_i x_j at the sites of the lattice.  Planted: the sites column by column."""
    x, sites = white[0], np.indices(SHAPE).reshape(2, -1).T
    k = 2 * np.pi * sites / np.array(SHAPE)
    C = np.outer(x, x)
    S = structure_factor(x).ravel()
    np.testing.assert_allclose(structure_factor_of_pairs(C, sites.astype(float), k), S, atol=1e-10)
    columns_first = sites[np.argsort(sites[:, 1], kind="stable")].astype(float)
    assert np.abs(structure_factor_of_pairs(C, columns_first, k) - S).max() > 1


def free_fields(shape, m2, n):
    """Normal numbers with covariance (-Δ + m²)^(-1), by the Cholesky factor of the matrix itself."""
    one = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    laplacian = sum(np.roll(one, step, axis) - one for axis in range(1, one.ndim) for step in (1, -1))
    precision = (m2 * one - laplacian).reshape(len(one), -1)
    white = np.random.default_rng(1).normal(size=(len(one), n))
    return np.linalg.solve(np.linalg.cholesky(precision).T, white).T.reshape(n, *shape)


def test_the_free_field_has_its_propagator():
    """<S(k)> = 1/(k̂² + m²), and its transform G(r); 6,000 fields.  Sees 10 % in m² and a missing ½ of k/2."""
    S = structure_factor(free_fields(SHAPE, 0.4, 6000), (1, 2))
    expected = 1 / free_field.spectrum(SHAPE, 0.4)
    assert deviation(S, expected) < LIMIT
    assert deviation(S, 1 / free_field.spectrum(SHAPE, 0.44)) > LIMIT
    G = two_point_function(S / 30, (1, 2))
    assert deviation(G, free_field.propagator(SHAPE, 0.4)) < LIMIT
    assert deviation(G, free_field.propagator(SHAPE, 0.48)) > LIMIT
