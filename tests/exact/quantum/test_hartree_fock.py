# SPDX-License-Identifier: Apache-2.0
"""Hartree-Fock against the closed form of two sites, the levels of free electrons, exact energies."""

import numpy as np
import pytest

from isinglass.exact.quantum.hartree_fock import hartree_fock
from isinglass.exact.quantum.hubbard import free_energy_of_hopping, two_sites

BOND = np.array([[0.0, -1], [-1, 0]])
RING = -(np.eye(6, k=1) + np.eye(6, k=-1) + np.eye(6, k=5) + np.eye(6, k=-5))


@pytest.mark.parametrize("U", [1.0, 2.0, 3.0, 4.0, 8.0])
def test_two_sites_as_by_hand(U):
    """Equal densities below U = 2t, E = U/2 - 2t; above it the spins part, E = -2t²/U.  Planted: equal densities."""
    E = hartree_fock(BOND, U, (1, 1)).energy
    assert pytest.approx(U / 2 - 2 if U <= 2 else -2 / U, abs=1e-8) == E
    assert two_sites(U) < E
    if U > 2:
        assert U / 2 - 2 > E + 0.1


def test_free_electrons_fill_levels():
    """U = 0, any numbers; planted: one more electron."""
    E = hartree_fock(RING, 0.0, (3, 1)).energy
    assert pytest.approx(free_energy_of_hopping(RING, 3) + free_energy_of_hopping(RING, 1), abs=1e-9) == E
    assert E > free_energy_of_hopping(RING, 3) + free_energy_of_hopping(RING, 2) + 0.5


@pytest.mark.parametrize(("U", "exact"), [(2.0, -5.40945685), (4.0, -3.66870618), (8.0, -2.04813089)])
def test_never_below_the_ground_state(U, exact):
    """Six sites, half filling, by diagonalization; and at most the energy of equal densities, -8 + 3 U / 2."""
    E = hartree_fock(RING, U, (3, 3)).energy
    assert exact < E <= -8 + 1.5 * U + 1e-9
