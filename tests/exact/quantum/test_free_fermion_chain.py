# SPDX-License-Identifier: Apache-2.0
"""Majorana fermions against dense matrices of spins: energies, entropies, overlaps, quenches; c = 1/2."""

from functools import reduce

import numpy as np
import pytest
import scipy.linalg

from isinglass.exact.quantum import free_fermion_chain as chain
from isinglass.exact.quantum import transverse_field_ising as closed

N = 6
PAULI = {"X": np.array([[0.0, 1], [1, 0]]), "Z": np.diag([1.0, -1])}


def at(letter, *sites):
    """A product of Pauli matrices, site 0 the quickest."""
    return reduce(np.kron, [PAULI[letter] if i in sites else np.eye(2) for i in reversed(range(N))])


def ground_vector(h, *, periodic=True):
    bonds = N if periodic else N - 1
    matrix = -sum(at("Z", i, (i + 1) % N) for i in range(bonds)) - h * sum(at("X", i) for i in range(N))
    energies, states = np.linalg.eigh(matrix)
    return matrix, energies[0], states[:, 0]


@pytest.mark.parametrize("h", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("periodic", [True, False])
def test_ground_states(h, periodic):
    """Energy, <X> and S_2 of three blocks to 1e-11; Γ² = -1; planted: the other boundary."""
    _, E_0, psi = ground_vector(h, periodic=periodic)
    A = chain.couplings(N, h, periodic=periodic)
    gamma = chain.ground_state(A)
    np.testing.assert_allclose(gamma @ gamma, -np.eye(2 * N), atol=1e-12)
    assert chain.energy(A, gamma) == pytest.approx(E_0, abs=1e-11)
    magnetization = np.mean([psi @ at("X", i) @ psi for i in range(N)])
    assert chain.transverse_magnetization(gamma) == pytest.approx(magnetization, abs=1e-11)
    for block in (1, 2, 3):
        p = np.linalg.svd(psi.reshape(2 ** (N - block), 2**block), compute_uv=False) ** 2
        assert chain.renyi_entropy(gamma, block) == pytest.approx(-np.log((p**2).sum()), abs=1e-11)
    other = chain.ground_state(chain.couplings(N, h, periodic=not periodic))
    assert abs(chain.renyi_entropy(other, 2) - chain.renyi_entropy(gamma, 2)) > 1e-3


@pytest.mark.parametrize(("h", "other"), [(0.5, 0.9), (1.0, 1.1)])
def test_overlaps(h, other):
    """|<h|h'>|² of vectors, of covariances and in closed form."""
    exact = (ground_vector(h)[2] @ ground_vector(other)[2]) ** 2
    states = [chain.ground_state(chain.couplings(N, field)) for field in (h, other)]
    assert chain.fidelity(*states) == pytest.approx(exact, abs=1e-11)
    assert closed.fidelity(N, h, other) == pytest.approx(exact, abs=1e-11)
    assert abs(closed.fidelity(N, h, other + 0.1) - exact) > 1e-3  # planted: another field


def test_a_quench():
    """<X>(t) by the exponential of the matrix of spins; energy conserved; planted: another time."""
    psi, (matrix, _, _) = ground_vector(2.0)[2], ground_vector(0.8)
    A, gamma = chain.couplings(N, 0.8), chain.ground_state(chain.couplings(N, 2.0))
    moved = scipy.linalg.expm(-1.3j * matrix) @ psi
    exact = np.mean([(moved.conj() @ at("X", i) @ moved).real for i in range(N)])
    evolved = chain.evolved(A, gamma, 1.3)
    assert chain.transverse_magnetization(evolved) == pytest.approx(exact, abs=1e-11)
    assert chain.energy(A, evolved) == pytest.approx(chain.energy(A, gamma), abs=1e-11)
    assert abs(chain.transverse_magnetization(chain.evolved(A, gamma, 1.2)) - exact) > 1e-3


@pytest.mark.parametrize("n", [4, 12, 40])
def test_fidelity_susceptibility(n):
    """N(N - 1)/32 at h = 1 (Damski and Rams), and minus the second derivative of F elsewhere."""
    assert closed.fidelity_susceptibility(n) == pytest.approx(n * (n - 1) / 32)
    fall = (1 - closed.fidelity(n, 0.7 - 5e-4, 0.7 + 5e-4)) / 1e-6
    assert closed.fidelity_susceptibility(n, 0.7) == pytest.approx(fall, rel=1e-4)


@pytest.mark.parametrize(("periodic", "ends", "within"), [(True, 2, 0.02), (False, 1, 0.15)])
def test_the_logarithm_of_calabrese_and_cardy(periodic, ends, within):
    """Slope of S_2 against ln of the chord at h = 1, N = 160: 1/8 for two ends, 1/16 for one; 0 at h = 2."""
    n, blocks = 160, np.array([40, 80])
    x = np.log(np.sin(np.pi * blocks / n))
    for h, expected in ((1.0, chain.renyi_slope(ends=ends)), (2.0, 0.0)):
        gamma = chain.ground_state(chain.couplings(n, h, periodic=periodic))
        S = [chain.renyi_entropy(gamma, int(b)) for b in blocks]
        assert (S[1] - S[0]) / (x[1] - x[0]) == pytest.approx(expected, abs=within * ends / 16)
