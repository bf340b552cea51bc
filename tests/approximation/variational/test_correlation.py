# SPDX-License-Identifier: Apache-2.0
"""Means, correlations and their errors, against sums over all states by matrices of NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.correlation import correlations, expectations
from isinglass.approximation.variational.ensemble import chains, full_summation
from isinglass.approximation.variational.markov_chain import Exchange, Flip
from isinglass.nets.wavefunction.rbm import RBM
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

TORUS = (2, 3)
H = transverse_field_ising(hypercubic(TORUS), 0.8)
FULL = full_summation(H.space)
CHAINS = chains(H, Flip(), 1024, 512, warm_up=4)
OPERATORS = {
    "energy": H,
    "with Y": Hamiltonian(Y(0) @ Z(1) + 0.3 * X(2), H.space),
    "diagonal": Hamiltonian(Z(0) @ Z(4) + 2, H.space),
}


@pytest.fixture
def psi(key):
    return RBM(key=key, n_sites=6, alpha=1, dtype="complex128", scale=0.3)


def amplitudes(psi, space):
    """ψ, normalized, state by state."""
    n = jax.vmap(space.decode)(jnp.asarray(space.states()))
    amplitude = np.exp(np.asarray(jax.vmap(psi.log_psi)(space.variables(n, float))))
    return amplitude / np.linalg.norm(amplitude)


def test_means_over_all_states_are_those_of_matrices(key, psi):
    """To 1e-12, without error; planted: another operator."""
    v = amplitudes(psi, H.space)
    found = expectations(key, FULL, psi, OPERATORS)
    exact = {name: (v.conj() @ dense(A) @ v).real for name, A in OPERATORS.items()}
    for name, estimate in found.items():
        assert estimate.value == pytest.approx(exact[name], abs=1e-12)
        assert estimate.error == 0
    assert abs(found["with Y"].value - exact["diagonal"]) > 0.1


def test_means_over_all_states_of_a_sector(key):
    """Heisenberg ring of 6, complex amplitudes, 20 states of S^z = 0."""
    ring = heisenberg(hypercubic((6,)))
    psi = RBM(key=key, n_sites=6, dtype="complex128", scale=0.5)
    v = amplitudes(psi, ring.space)
    found = expectations(key, full_summation(ring.space), psi, {"energy": ring})["energy"]
    assert found.value == pytest.approx((v.conj() @ dense(ring) @ v).real, abs=1e-12)


@pytest.mark.slow
def test_means_over_chains_have_honest_errors(key, psi):
    """Within 5 errors (false alarm 2e-6 for three); planted: sums with |ψ| for |ψ|² are seen."""
    v = amplitudes(psi, H.space)
    for name, estimate in expectations(key, CHAINS, psi, OPERATORS).items():
        exact = (v.conj() @ dense(OPERATORS[name]) @ v).real
        assert estimate.value == pytest.approx(exact, abs=5 * estimate.error)
        assert 0 < estimate.error < 0.2
    p = np.abs(v) / np.abs(v).sum()
    local = (dense(H) @ v / v).real
    assert abs(expectations(key, CHAINS, psi, {"energy": H})["energy"].value - p @ local) > 5 * 0.1


def test_an_eigenstate_has_no_error(key):
    """Zero variance: W = 0 is |+...+>, an eigenstate of Σ X with eigenvalue N; planted: W ≠ 0."""
    plus = RBM(key=key, n_sites=6, scale=0.0)
    total = {"X": Hamiltonian(sum(X(i) for i in range(6)), H.space)}
    small = chains(H, Flip(), 64, 64, warm_up=1)
    found = expectations(key, small, plus, total)["X"]
    assert found.value == pytest.approx(6, abs=1e-12)
    assert found.error < 1e-12
    assert expectations(key, small, RBM(key=key, n_sites=6, scale=0.1), total)["X"].error > 1e-4


def test_correlations_are_sums_over_pairs(key, psi):
    """C(r) by a loop over all pairs of the 2 x 3 torus; S(q) by its definition; sum rules; planted: a wrong shape."""
    v = np.abs(amplitudes(psi, H.space)) ** 2
    z = 1.0 - 2 * ((H.space.states()[:, None] >> np.arange(6)) & 1).reshape(-1, *TORUS)
    found = correlations(key, FULL, psi, TORUS)
    expected = np.array([[v @ (z * np.roll(z, (-a, -b), (1, 2))).mean((1, 2)) for b in range(3)] for a in range(2)])
    np.testing.assert_allclose(found.C, expected, atol=1e-12)
    phase = np.exp(-2j * np.pi * np.arange(3) / 3)  # q = (0, 2π/3)
    assert found.S[0, 1] == pytest.approx(v @ np.abs((z * phase).sum((1, 2))) ** 2 / 6, abs=1e-12)
    assert found.C[0, 0] == pytest.approx(1)
    assert found.S.mean() == pytest.approx(1)
    assert found.S[0, 0] == pytest.approx(6 * v @ z.mean((1, 2)) ** 2)
    assert np.abs(np.asarray(correlations(key, FULL, psi, (6,)).C).reshape(TORUS) - expected).max() > 0.01


@pytest.mark.slow
def test_correlations_over_chains(key, psi):
    """C within 5 of its errors of the sum over all states."""
    exact, found = (correlations(key, e, psi, TORUS) for e in (FULL, CHAINS))
    assert (np.abs(found.C - exact.C) <= 5 * np.asarray(found.C_error) + 1e-12).all()
    assert (np.asarray(found.S_error) > 0).all()


def test_a_space_without_moves(key):
    """A diagonal operator has an empty table of moves, on chains too."""
    psi = RBM(key=key, n_sites=2, scale=0.5)
    A = Hamiltonian(Z(0) @ Z(1), spins(2))
    v = amplitudes(psi, A.space) ** 2
    assert expectations(key, full_summation(A.space), psi, {"zz": A})["zz"].value == pytest.approx(v @ [1, -1, -1, 1])
    ring = heisenberg(hypercubic((4,)))
    up = {"zz": Hamiltonian(Z(0) @ Z(2), ring.space)}
    found = expectations(key, chains(ring, Exchange(hypercubic((4,)).bonds), 32, 32), RBM(key=key, n_sites=4), up)["zz"]
    assert -1 <= found.value <= 1
