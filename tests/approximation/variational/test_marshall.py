# SPDX-License-Identifier: Apache-2.0
"""The sign rule: sublattices of antiferromagnets, none where frustrated; the spectrum stays, positive elements go."""

import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.marshall import nearest_rule, rotated, sign_rule
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.hubbard import bose_hubbard
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

FREE = {
    "heisenberg": heisenberg(hypercubic((6,))),
    "2 x 4": heisenberg(hypercubic((2, 4))),
    "ferromagnetic XY": heisenberg(hypercubic((5,)), J=-1.0, anisotropy=0.0, magnetization=0.5),
    "field": transverse_field_ising(hypercubic((4,)), 1.0),
    "wrong field": transverse_field_ising(hypercubic((4,)), -1.0),
    "three spins": Hamiltonian(X(0) @ X(1) @ X(2) - X(0) + Z(1), spins(3)),
}


@pytest.mark.parametrize("name", FREE)
def test_the_rotation_leaves_the_spectrum_and_no_positive_element(name):
    """Perron and Frobenius: a ground state of the rotated H is positive.  Planted: no rotation, for Heisenberg.

    Of the two of three spins, whose H has two blocks, it is what is left of the uniform state.
    """
    rule = sign_rule(FREE[name])
    assert rule is not None
    before, after = dense(FREE[name]), dense(rotated(FREE[name], rule))
    np.testing.assert_allclose(np.linalg.eigvalsh(after), np.linalg.eigvalsh(before), atol=1e-10)
    assert (after - np.diag(np.diag(after))).max() < 1e-12
    energies, states = np.linalg.eigh(after)
    lowest = states[:, energies < energies[0] + 1e-9]
    ground = lowest @ lowest.sum(axis=0)
    assert ground.sum() > 0.1
    assert (ground > -1e-10).all()
    if name == "heisenberg":
        assert abs(rule.sum() - 3) == 0
        assert (before - np.diag(np.diag(before))).max() > 0.1


@pytest.mark.parametrize(
    "hamiltonian",
    [
        heisenberg(hypercubic((5,)), magnetization=0.5),  # an odd ring
        j1_j2(hypercubic((6,)), 0.4),
        Hamiltonian(Y(0) + Z(1), spins(2)),
        Hamiltonian(X(0) @ Z(1) + 0.5 * X(0), spins(2)),  # a weight of both signs
        bose_hubbard(hypercubic((3,)), 1.0, 2, cutoff=2),  # more than two levels
    ],
)
def test_frustrated_and_complex_ones_have_none(hamiltonian):
    assert sign_rule(hamiltonian) is None


def test_the_nearest_rule_is_that_of_the_strongest_bonds():
    """Sublattices of J_1 where J_2 is smaller, of J_2 where it is larger; the spectrum stays; none for more levels."""
    for name, hamiltonian in FREE.items():
        if name != "three spins":
            np.testing.assert_array_equal(nearest_rule(hamiltonian), sign_rule(hamiltonian))
    weak, strong = (nearest_rule(j1_j2(hypercubic((8,)), J2)) for J2 in (0.5, 2.0))
    assert weak is not None
    assert strong is not None
    np.testing.assert_array_equal(weak ^ weak[0], np.arange(8) % 2 == 1)
    np.testing.assert_array_equal(strong[::2] ^ strong[0], np.arange(4) % 2 == 1)
    before, after = (dense(h) for h in (j1_j2(hypercubic((8,)), 0.5), rotated(j1_j2(hypercubic((8,)), 0.5), weak)))
    np.testing.assert_allclose(np.linalg.eigvalsh(after), np.linalg.eigvalsh(before), atol=1e-10)
    assert np.abs(before - after).max() > 0.1
    assert nearest_rule(bose_hubbard(hypercubic((3,)), 1.0, 2, cutoff=2)) is None
