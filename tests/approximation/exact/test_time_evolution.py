# SPDX-License-Identifier: Apache-2.0
"""Krylov time evolution against dense exponentials, free fermions after a quench, and what is conserved."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from isinglass.approximation.exact.exact_diagonalization import Block, MatrixFree, dense
from isinglass.approximation.exact.lanczos import lowest
from isinglass.approximation.exact.time_evolution import evolve
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.lattice_symmetry import momentum, translations
from isinglass.systems.quantum.operator import X
from isinglass.systems.quantum.symmetric_space import SymmetricSpace
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

N = 6
RING = hypercubic((N,))
AFTER = transverse_field_ising(RING, 0.5)


def random_state(key, dim):
    psi = jax.lax.complex(*jax.random.normal(key, (2, dim)))
    return psi / jnp.linalg.norm(psi).astype(psi.dtype)


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [1e-4, 1e-10])
@pytest.mark.parametrize("imaginary", [False, True])
def test_it_is_the_exponential_within_its_bound(key, tolerance, imaginary):
    """Of a dense matrix; norm and energy kept in real time; planted: another time lies outside the bound."""
    psi = random_state(key, 2**N)
    found = evolve(MatrixFree(AFTER), psi, jnp.array([0.0, 0.7, 2.0]), (MatrixFree(AFTER),), imaginary=imaginary,
                   tolerance=tolerance)  # fmt: skip
    factor = 1 if imaginary else 1j
    expected, wrong = (scipy.linalg.expm(-factor * t * dense(AFTER)) @ np.asarray(psi) for t in (2.0, 2.1))
    norm = np.linalg.norm(expected)
    away = np.linalg.norm(np.asarray(found.state) - expected / norm)
    assert away <= found.error + 1e-13
    assert found.error <= 1.0001 * tolerance
    assert np.linalg.norm(np.asarray(found.state) - wrong / np.linalg.norm(wrong)) > found.error
    assert found.log_norm[-1] == pytest.approx(np.log(norm), abs=max(10 * tolerance, 1e-12))
    if imaginary:
        assert (np.diff(found.observables[:, 0].real) < 0).all()
    else:
        assert np.ptp(found.observables[:, 0]) < 1e-12


@pytest.mark.slow
def test_the_order_is_the_size_of_the_space(key):
    """With j vectors the local error is Δ^j, so that products ~ tolerance^{-1/(j-1)}; the bound is tight."""
    psi = random_state(key, 2**N)
    expected = scipy.linalg.expm(-4j * dense(AFTER)) @ np.asarray(psi)
    for j, coarse, fine in ((3, 1e-2, 1e-4), (5, 1e-3, 1e-7)):
        runs = [evolve(MatrixFree(AFTER), psi, jnp.array([4.0]), tolerance=tol, basis=j) for tol in (coarse, fine)]
        slope = np.log(float(runs[1].products) / float(runs[0].products)) / np.log(coarse / fine)
        assert slope == pytest.approx(1 / (j - 1), rel=0.2)
        error = np.linalg.norm(np.asarray(runs[1].state) - expected)
        assert error <= runs[1].error <= 3 * error


def test_a_quench_of_the_ring_is_that_of_free_fermions(key):
    """<X>(t) from the ground state of h = 2 under h = 0.5, to 1e-9; planted: another field before."""
    times = np.linspace(0, 3, 7)
    psi = lowest(key, MatrixFree(transverse_field_ising(RING, 2.0))).states[0]
    magnetization = MatrixFree(Hamiltonian(sum(X(i) for i in range(N)) / N, AFTER.space))
    found = evolve(MatrixFree(AFTER), psi, jnp.asarray(times), (magnetization,))
    known, wrong = (exact.magnetization_after_quench(times, N, h, 0.5) for h in (2.0, 1.99))
    np.testing.assert_allclose(found.observables[:, 0], known, atol=1e-9)
    assert np.abs(np.asarray(found.observables[:, 0]) - wrong).max() > 1e-4


def test_without_a_quench_the_magnetization_stays():
    """-dE_0/dh / N by differences."""
    slope = (exact.ground_energy(N, 0.701) - exact.ground_energy(N, 0.699)) / 0.002
    stays = exact.magnetization_after_quench(np.linspace(0, 5, 4), N, 0.7, 0.7)
    np.testing.assert_allclose(stays, -slope / N, atol=1e-6)


@pytest.mark.slow
def test_a_block_evolves_as_the_whole_space(key):
    hamiltonian = heisenberg(RING)
    symmetric = SymmetricSpace(hamiltonian.space, translations(RING), momentum(RING, (1,)))
    v = random_state(key, symmetric.size)
    inside = evolve(Block(hamiltonian, symmetric), v, jnp.array([1.5]))
    expected = scipy.linalg.expm(-1.5j * dense(hamiltonian)) @ np.asarray(symmetric.expand(v))
    np.testing.assert_allclose(symmetric.expand(inside.state), expected, atol=1e-9)


@pytest.mark.slow
def test_imaginary_time_ends_in_the_ground_state(key):
    psi = random_state(key, 2**N)
    found = evolve(MatrixFree(AFTER), psi, jnp.array([10.0, 60.0]), (MatrixFree(AFTER),), imaginary=True)
    assert found.observables[-1, 0].real == pytest.approx(exact.ground_energy(N, 0.5), abs=1e-3)
    assert found.log_norm[-1] - found.log_norm[0] == pytest.approx(-50 * exact.ground_energy(N, 0.5), rel=1e-3)


def test_an_eigenstate_only_turns(key):
    """An invariant space of one vector: a phase exp(-iE_0 t), one product for any time."""
    found = lowest(key, MatrixFree(AFTER), tolerance=1e-13)
    later = evolve(MatrixFree(AFTER), found.states[0], jnp.array([7.0]), tolerance=1e-6)
    phase = jnp.vdot(found.states[0].astype(complex), later.state)
    assert phase == pytest.approx(np.exp(-7j * found.energies[0]), abs=1e-6)
