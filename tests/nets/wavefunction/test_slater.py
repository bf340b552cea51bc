# SPDX-License-Identifier: Apache-2.0
"""Free fermions in a harmonic trap: the determinant is a Vandermonde determinant, its energy N²/2."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.variational.born_sampling import MarkovChains
from isinglass.approximation.variational.energy import measure
from isinglass.approximation.variational.markov_chain import move_for
from isinglass.nets.wavefunction.slater import SlaterDeterminant, determinant, filled
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import fermions
from isinglass.systems.quantum.operator import Operator, c, cdag, n

SITES, SPACING = 51, 0.2
x = SPACING * (np.arange(SITES) - SITES // 2)


def trap(particles):
    """-½ d²/dx² + ½ x² by finite differences, and the matrix of one particle."""
    t = 1 / (2 * SPACING**2)
    total = Operator({})
    for i in range(SITES):
        total = total + (2 * t + x[i] ** 2 / 2) * n(i)
    for i in range(SITES - 1):
        total = total - t * (cdag(i) @ c(i + 1) + cdag(i + 1) @ c(i))
    one = np.diag(2 * t + x**2 / 2) - t * (np.eye(SITES, k=1) + np.eye(SITES, k=-1))
    return Hamiltonian(total, fermions(SITES, particles)), one


@pytest.mark.parametrize("N", [2, 4])
def test_fermions_in_a_trap(key, N):
    """E = N²/2 to O(spacing²), and no variance; planted: bosons, which would all take the lowest level, N/2."""
    hamiltonian, one = trap(N)
    psi = filled(SlaterDeterminant(key=key, n_sites=SITES, particles=(N,), hidden=0), one)
    found = measure(key, hamiltonian, MarkovChains(move_for(hamiltonian), 64, 64), psi, rounds=1)
    levels = np.linalg.eigvalsh(one)[:N]
    assert found.energy.value == pytest.approx(levels.sum(), abs=1e-8)
    assert found.variance.value < 1e-12
    assert found.energy.value == pytest.approx(N**2 / 2, abs=N**2 * SPACING**2 / 8)
    assert abs(found.energy.value - N / 2) > 0.9


def test_the_determinant_is_one_of_vandermonde(key):
    """ψ(x_1 < ... < x_N) ~ Π_{i<j} (x_j - x_i) exp(-Σ x²/2), to 3 %; planted: squares of the differences."""
    _, one = trap(3)
    psi = filled(SlaterDeterminant(key=key, n_sites=SITES, particles=(3,), hidden=0), one)
    places = np.array([[20, 25, 30], [22, 25, 28], [19, 26, 32], [21, 24, 31]])
    occupied = np.zeros((len(places), SITES), np.int8)
    np.put_along_axis(occupied, places, 1, axis=1)
    log_psi = np.asarray(jnp.real(jax.vmap(psi.log_psi)(jnp.asarray(1.0 - 2 * occupied))))
    r = x[places]
    pairs = (r[:, 1] - r[:, 0]) * (r[:, 2] - r[:, 0]) * (r[:, 2] - r[:, 1])
    for power, good in ((1, True), (2, False)):
        ratio = np.exp(log_psi) / (pairs**power * np.exp(-(r**2).sum(1) / 2))
        assert bool(np.ptp(ratio) < 0.03 * ratio.mean()) is good


def test_exchange_changes_the_sign(key):
    """Two rows of orbitals exchanged: ψ -> -ψ to 1e-12, by our elimination; equal rows: 0."""
    M = jax.random.normal(key, (5, 5))
    swapped = M[jnp.array([0, 3, 2, 1, 4])]
    np.testing.assert_allclose(determinant(swapped), -determinant(M), rtol=1e-12)
    np.testing.assert_allclose(determinant(M), np.linalg.det(np.asarray(M)), rtol=1e-10)
    assert abs(determinant(M[jnp.array([0, 1, 2, 1, 4])])) < 1e-14
