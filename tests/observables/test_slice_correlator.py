# SPDX-License-Identifier: Apache-2.0
"""Slices at zero momentum, and the masses of the free field and of the Ising chain."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.field import free_field
from isinglass.exact.lattice import chain
from isinglass.observables.slice_correlator import pole_mass, slice_correlator
from isinglass.observables.structure_factor import two_point_function, wave_power


@pytest.mark.parametrize("shape", [(8,), (6, 4), (4, 6, 2)])
def test_slices_are_the_two_point_function_summed_over_the_rest(shape):
    """Along each axis, t = 0 ... L/2.  Planted: another axis."""
    x = np.random.default_rng(2).normal(size=shape)
    C = two_point_function(wave_power(x))
    for axis, side in enumerate(shape):
        rest = tuple(a for a in range(len(shape)) if a != axis)
        found = np.asarray(slice_correlator(jnp.asarray(x), axis))
        np.testing.assert_allclose(found, C.sum(axis=rest)[: side // 2 + 1], atol=1e-12)
        if rest:
            wrong = np.asarray(slice_correlator(jnp.asarray(x), rest[0]))
            assert np.abs(wrong[:2] - found[:2]).max() > 0.05


def test_slices_sum_to_the_susceptibility():
    """Σ_t C(t) = N φ̄², t = 0 and L/2 once, the others twice."""
    x = np.random.default_rng(3).normal(size=(6, 6)) + 0.2
    C = np.asarray(slice_correlator(jnp.asarray(x)))
    assert C[0] + C[3] + 2 * C[1:3].sum() == pytest.approx(36 * x.mean() ** 2)


@pytest.mark.parametrize("shape", [(8, 8), (12, 4, 6)])
def test_pole_mass_of_the_free_field(shape):
    """cosh m_p = 1 + m²/2 from the exact propagator.  Planted: 1 % in m²."""
    G = free_field.propagator(shape, 0.3)
    C = G.sum(axis=tuple(range(1, len(shape))))[: shape[0] // 2 + 1]
    assert pole_mass(C) == pytest.approx(np.arccosh(1 + 0.15), rel=1e-9)
    assert pole_mass(C) != pytest.approx(np.arccosh(1 + 0.1515), rel=1e-3)


def test_pole_mass_of_the_ising_chain_is_its_inverse_correlation_length():
    """From the ring's <s_0 s_r>.  Planted: the two ends exchanged."""
    t, r, L = np.tanh(0.8), np.arange(9), 16
    C = (t**r + t ** (L - r)) / (1 + t**L)
    assert pole_mass(C) == pytest.approx(1 / chain.correlation_length(0.8), rel=1e-9)
    assert pole_mass(C[::-1]) != pytest.approx(1 / chain.correlation_length(0.8), rel=0.1)


def test_mass_of_a_hyperbolic_cosine():
    assert pole_mass(np.cosh(0.4 * (np.arange(5) - 4.0))) == pytest.approx(0.4, rel=1e-12)
