# SPDX-License-Identifier: Apache-2.0
"""Traces of H and H² in its space, against the matrix."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.systems.graph import complete, hypercubic
from isinglass.systems.quantum import infinite_temperature as module
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import fermions
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.infinite_temperature import infinite_temperature
from isinglass.systems.quantum.operator import Operator, c, cdag, identity, n
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

OPEN = hypercubic((4,), periodic=False)
HAMILTONIANS = {
    "fields": transverse_field_ising(OPEN, h=0.7, longitudinal=0.2),
    "bosons, sector": bose_hubbard(OPEN, U=2.0, particles=4, cutoff=3),
    "fermions": t_v(complete(5), V=0.3, particles=2),
    "hubbard": hubbard(hypercubic((3,)), U=4.0, particles=(2, 1)),
    "flux": Hamiltonian(1j * cdag(0) @ c(2) - 1j * cdag(2) @ c(0) + n(1), fermions(3)),
}


def eigenvalues(hamiltonian: Hamiltonian) -> np.ndarray:
    """Of the matrix on the states of the space, element by element."""
    space = hamiltonian.space
    codes = jnp.asarray(space.states())
    states = jax.vmap(space.decode)(codes)
    diagonal, moves = (np.asarray(w) for w in jax.vmap(hamiltonian.weights)(states))
    rows = np.searchsorted(codes, np.asarray(jax.vmap(hamiltonian.connected_codes)(states, codes)))
    H = np.diag(diagonal).astype(complex)
    column, m = np.nonzero(moves)
    np.add.at(H, (rows[column, m], column), moves[column, m])
    return np.linalg.eigvalsh(H)


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_mean_and_width_of_the_spectrum(key, name):
    """Law: those of the eigenvalues, to round-off."""
    E = eigenvalues(HAMILTONIANS[name])
    found = infinite_temperature(key, HAMILTONIANS[name])
    np.testing.assert_allclose([found.energy, found.width], [E.mean(), E.std()], atol=1e-12)
    assert found.energy_error == 0


def test_random_states_agree_with_the_sum(key, monkeypatch):
    """Within 5 standard errors, 1e-6 by chance; of three levels in a sector, where random states are not uniform."""
    hamiltonian = bose_hubbard(OPEN, U=2.0, particles=4, cutoff=3)
    exact = infinite_temperature(key, hamiltonian)
    monkeypatch.setattr(module, "ALL", 1)
    found = infinite_temperature(key, hamiltonian)
    assert 0 < found.energy_error < 0.1
    assert abs(found.energy - exact.energy) < 5 * found.energy_error
    np.testing.assert_allclose(found.width, exact.width, rtol=0.03)
    monkeypatch.setattr(module, "comb", lambda d, n: 1)  # planted: not weighted
    assert abs(infinite_temperature(key, hamiltonian).energy - exact.energy) > 5 * found.energy_error


def test_a_constant_moves_only_the_mean(key):
    """Also one that is written as a conserved number of particles."""
    plain = t_v(complete(5), V=0.3, particles=2)
    number = sum((n(i) for i in range(5)), Operator({}))
    for constant, value in ((1000 * identity, 1000), (500 * number, 1000)):
        moved = infinite_temperature(key, Hamiltonian(plain.operator + constant, plain.space))
        before = infinite_temperature(key, plain)
        np.testing.assert_allclose(moved.energy, before.energy + value, rtol=1e-12)
        np.testing.assert_allclose(moved.width, before.width, rtol=1e-9)
