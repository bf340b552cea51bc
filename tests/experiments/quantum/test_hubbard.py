# SPDX-License-Identifier: Apache-2.0
"""The checks of the Hubbard experiment: each passes on the truth and fails on a planted error."""

import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.wavefunction.quantum_states import amplitudes

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.exact.quantum.hartree_fock import hartree_fock
from isinglass.experiments.quantum.hubbard import falls, free_electrons, hopping_of, is_hartree_fock
from isinglass.nets.wavefunction.slater import SlaterDeterminant, filled
from isinglass.result import Estimate
from isinglass.systems.graph import hypercubic, ladder
from isinglass.systems.quantum.hubbard import hubbard


def test_levels_of_ring_and_ladder():
    """-2 cos k on the ring; on the ladder -2 cos k ± 1."""
    levels = -2 * np.cos(2 * np.pi * np.arange(6) / 6)
    np.testing.assert_allclose(np.linalg.eigvalsh(hopping_of(hypercubic((6,)))), np.sort(levels), atol=1e-12)
    legs = -2 * np.cos(2 * np.pi * np.arange(4) / 4)
    both = np.sort(np.concatenate([legs - 1, legs + 1]))
    np.testing.assert_allclose(np.linalg.eigvalsh(hopping_of(ladder(4))), both, atol=1e-12)


def energy(hamiltonian, state):
    """<H> by the matrix in the whole sector."""
    codes = hamiltonian.space.states()
    n = (codes[:, None] >> np.arange(hamiltonian.space.n_sites)) & 1
    psi = amplitudes(state, jnp.asarray(1.0 - 2 * n))
    return (psi.conj() @ dense(hamiltonian) @ psi).real / (np.abs(psi) ** 2).sum()


@pytest.mark.parametrize("U", [2.0, 8.0])
def test_orbitals_of_hartree_fock_have_its_energy(key, U):
    """By the matrix of H on six sites, to 1e-7; planted: the orbitals of free electrons, U > U_c."""
    graph = hypercubic((6,))
    T, hamiltonian = hopping_of(graph), hubbard(graph, U, (3, 3))
    found = hartree_fock(T, U, (3, 3))
    bare = SlaterDeterminant(key=key, n_sites=6, particles=(3, 3), hidden=0)
    assert energy(hamiltonian, filled(bare, found.fields)) == pytest.approx(found.energy, abs=1e-7)
    free = energy(hamiltonian, filled(bare, T))
    assert free == pytest.approx(-8 + 1.5 * U, abs=1e-9)
    assert is_hartree_fock(Estimate(found.energy, 0.01), found.energy).verdict == "pass"
    if U == 8:
        assert is_hartree_fock(Estimate(free, 0.01), found.energy).verdict == "fail"


def test_order_is_seen():
    """Planted: two states of one energy; the reverse order."""
    verdicts = lambda *values: [c.verdict for c in falls([Estimate(v, 0.01) for v in values])]  # noqa: E731
    assert verdicts(-1.0, -1.5, -2.0) == ["pass", "pass"]
    assert verdicts(-1.0, -1.5, -1.5) == ["pass", "unknown"]
    assert verdicts(-1.0, -1.5, -1.4) == ["pass", "fail"]
    assert verdicts(-2.0, -1.5, -1.0) == ["fail", "fail"]


@pytest.mark.slow
def test_free_electrons_are_an_eigenstate(key):
    """-8 on six sites: 2 (-2 - 1 - 1)."""
    value, variance = free_electrons(key, hypercubic((6,)), 64)
    assert (value.verdict, variance.verdict) == ("pass", "pass")
    assert value.measured == pytest.approx(-8, abs=1e-9)
