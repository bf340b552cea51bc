# SPDX-License-Identifier: Apache-2.0
"""Enumeration against the energy formula evaluated state by state, and known systems."""

import numpy as np
import pytest

from isinglass.exact.lattice import chain
from isinglass.exact.lattice.enumeration import (
    boltzmann,
    configurations,
    ising_energies,
    pair_energies,
    pair_energy_chunks,
    spins,
)


def glass(rng, n):
    bonds = np.stack(np.triu_indices(n, 1), axis=1)
    return bonds, rng.normal(size=len(bonds)) / np.sqrt(n)


@pytest.mark.parametrize("chunk_sites", [3, 10, 20])
def test_ising_energies_state_by_state(chunk_sites):
    rng = np.random.default_rng(1)
    bonds, J = glass(rng, 10)
    h = rng.normal(size=10)
    s = np.concatenate([spins(x) for x in configurations(10, chunk=100)]).astype(float)
    expected = -(J * s[:, bonds[:, 0]] * s[:, bonds[:, 1]]).sum(axis=1) - s @ h
    E = np.concatenate(list(ising_energies(10, bonds, J, h, chunk_sites)))
    np.testing.assert_allclose(E, expected, rtol=0, atol=1e-13)
    wrong = np.concatenate(list(ising_energies(10, bonds, J, -h, chunk_sites)))  # planted: sign of the field
    assert np.abs(wrong - expected).max() > 0.1


@pytest.mark.parametrize("chunk_sites", [2, 6])
def test_three_states_and_lopsided_couplings(chunk_sites):
    rng = np.random.default_rng(2)
    bonds = np.array([[0, 1], [2, 1], [3, 0], [3, 4], [5, 2], [0, 5], [0, 5]])
    V, field = rng.normal(size=(7, 3, 3)), rng.normal(size=(6, 3))
    x = np.concatenate(list(configurations(6, q=3, chunk=50)))
    expected = field[np.arange(6), x].sum(axis=1)
    expected += sum(v[x[:, i], x[:, j]] for (i, j), v in zip(bonds, V, strict=True))
    np.testing.assert_allclose(pair_energies(bonds, V, field), expected, rtol=0, atol=1e-13)
    chunks = list(pair_energy_chunks(bonds, V, field, chunk_sites))
    np.testing.assert_allclose(np.concatenate(chunks), expected, rtol=0, atol=1e-13)
    assert len(chunks) == 3 ** (6 - chunk_sites)


def test_every_state_once():
    x = np.concatenate(list(configurations(5, q=3, chunk=7)))
    assert len(np.unique(x, axis=0)) == len(x) == 3**5
    assert x.dtype == np.int8


@pytest.mark.parametrize("K", [0.3, 1.0, -0.7])
def test_ring_of_spins_in_a_field(K):
    n, b = 12, 0.2
    bonds = np.stack([np.arange(n), (np.arange(n) + 1) % n], axis=1)
    exact = boltzmann(ising_energies(n, bonds, J=K, h=b, chunk_sites=9), 1.0)
    assert exact.log_Z / n == pytest.approx(chain.log_partition_function(K, n, b), rel=1e-13)
    free = boltzmann(ising_energies(n, bonds), K)
    assert free.mean_energy / n == pytest.approx(chain.energy(K, n), rel=1e-13)
    assert free.ground_energy == -n


def test_sherrington_kirkpatrick():
    """SK, N = 16, beta = 0.5: published means over 100 samples, agreement within 4 combined standard errors (6e-5).

    Resolution: errors of 0.4 % in ln Z and 4 % in the ground energy.
    """
    rng = np.random.default_rng(20240229)
    averages = [boltzmann(ising_energies(16, *glass(rng, 16)), 0.5) for _ in range(100)]
    for values, expected, error in (
        ([a.log_Z / 16 for a in averages], 0.75110, 0.00079),
        ([a.ground_energy / 16 for a in averages], -0.6419, 0.0070),
    ):
        own = np.std(values, ddof=1) / 10
        assert own == pytest.approx(error, rel=0.4)
        assert abs(np.mean(values) - expected) < 4 * np.hypot(own, error)
    assert np.mean([a.log_Z / 16 for a in averages]) < 0.75174 + 4 * 0.0008  # annealed bound, ln 2 + (β²/4)(N-1)/N


def test_two_to_the_24_states_in_chunks():
    """A free chain of 24 spins: Z = 2 (2 cosh K)^23, in 16 chunks of 2^20."""
    bonds = np.stack([np.arange(23), np.arange(1, 24)], axis=1)
    exact = boltzmann(ising_energies(24, bonds), 0.7)
    assert exact.log_Z == pytest.approx(np.log(2) + 23 * np.log(2 * np.cosh(0.7)), rel=1e-13)
    assert exact.mean_energy == pytest.approx(-23 * np.tanh(0.7), rel=1e-12)
    assert exact.energy_variance == pytest.approx(23 / np.cosh(0.7) ** 2, rel=1e-11)
