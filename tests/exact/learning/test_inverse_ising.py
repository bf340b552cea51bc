# SPDX-License-Identifier: Apache-2.0
"""Moments against another enumeration and Kaufman; couplings back from exact moments; orders of the expansions."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.lattice import enumeration, kaufman
from isinglass.exact.learning import inverse_ising as exact


def glass(N, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    J = np.triu(scale * rng.normal(size=(N, N)) / N**0.5, 1)
    return J + J.T, 0.3 * scale * rng.normal(size=N)


@pytest.mark.parametrize("N", [3, 13])  # one chunk, and two
def test_moments_are_those_of_another_enumeration(N):
    J, h = glass(N, 1)
    i, j = np.triu_indices(N, 1)
    bonds = np.stack([i, j], axis=1)
    whole = enumeration.boltzmann(enumeration.ising_energies(N, bonds, J[i, j], h), 1.0)
    found = exact.ising_moments(jnp.asarray(J), jnp.asarray(h))
    np.testing.assert_allclose(found.log_z, whole.log_Z, rtol=1e-12)
    energy = -(J[i, j] * np.asarray(found.products)[i, j]).sum() - h @ np.asarray(found.m)
    np.testing.assert_allclose(energy, whole.mean_energy, rtol=1e-10)


def test_moments_of_the_torus_are_kaufmans():
    site, K = np.arange(16).reshape(4, 4), 0.4
    J = np.zeros((16, 16))
    for axis in (0, 1):
        a, b = site.ravel(), np.roll(site, 1, axis=axis).ravel()
        J[a, b] = J[b, a] = K
    found = exact.ising_moments(jnp.asarray(J), jnp.zeros(16))
    np.testing.assert_allclose(found.log_z / 16, kaufman.log_partition_function(1 / K, 4), rtol=1e-12)
    u = -(J * np.asarray(found.products)).sum() / 2 / K / 16
    np.testing.assert_allclose(u, kaufman.energy(1 / K, 4), rtol=1e-10)


def test_exact_moments_give_the_couplings_back():
    J, h = glass(8, 2, 1.5)
    of = exact.ising_moments(jnp.asarray(J), jnp.asarray(h))
    s = 1.0 - 2.0 * (np.arange(256)[:, None] >> np.arange(8) & 1)
    i, j = np.triu_indices(8, 1)
    p = np.exp(((s @ J) * s).sum(axis=1) / 2 + s @ h)
    F = jnp.asarray(np.cov(np.concatenate([s, s[:, i] * s[:, j]], axis=1).T, aweights=p / p.sum(), ddof=0))
    found = exact.match_moments(of.m, of.products, jnp.zeros((8, 8)), jnp.zeros(8), F, tolerance=1e-11)
    np.testing.assert_allclose(found.J, J, atol=1e-8)
    np.testing.assert_allclose(found.h, h, atol=1e-8)


def test_orders_of_the_expansions():
    """Half the couplings: the error of mean field falls by 4 (J²), that of TAP by 8 (J³)."""

    def off(solve, scale):
        J, h = scale * glass(6, 3)[0], 0.3 + 0.2 * np.arange(6)
        of = exact.ising_moments(jnp.asarray(J), jnp.asarray(h))
        return np.abs(np.asarray(solve(of.m, of.products - jnp.outer(of.m, of.m))[0]) - J).max()

    for solve, order in ((exact.naive_mean_field, 2), (exact.tap, 3)):
        fall = np.log2(off(solve, 0.02) / off(solve, 0.01))
        assert order - 0.4 < fall < order + 0.4, fall
    assert off(exact.tap, 0.02) < 0.5 * off(exact.naive_mean_field, 0.02)


def test_two_spins_by_hand():
    """J = ½ artanh... : <s_1 s_2> = tanh J without fields."""
    found = exact.ising_moments(jnp.array([[0.0, 0.6], [0.6, 0.0]]), jnp.zeros(2))
    np.testing.assert_allclose(found.products[0, 1], np.tanh(0.6), rtol=1e-13)
