# SPDX-License-Identifier: Apache-2.0
"""Universal values against published ones and the symmetry of the torus."""

import numpy as np
import pytest

from isinglass.exact.lattice.critical_ratios import critical_ratios, ising_torus, spin_wave_torus


def test_ising_on_the_square_torus():
    """ξ/L = 0.9050488, Salas and Sokal 2000."""
    assert ising_torus(1j)[0] == pytest.approx(0.9050488, abs=2e-4)


def test_spin_waves_at_the_kosterlitz_thouless_point():
    """ξ/L -> 0.7506912 at η = 1/4, Hasenbusch 2005."""
    assert spin_wave_torus(1 / 4) == pytest.approx(0.7506912, abs=2e-4)


@pytest.mark.parametrize("tau", [1.7j, 0.2 + 1.1j])
def test_the_torus_does_not_know_which_side_comes_first(tau):
    """τ and -1/τ are one torus with its axes exchanged; S(k)/S(2k) averages over both."""
    assert ising_torus(tau)[0] == pytest.approx(ising_torus(-1 / tau)[0], rel=2e-3)


def test_both_diagonals_of_a_triangular_lattice_are_alike():
    either = [ising_torus(np.exp(1j * np.pi * part / 3))[0] for part in (1, 2)]
    assert either[0] == pytest.approx(either[1], rel=1e-6)
    assert either[0] == pytest.approx(0.962, abs=1e-3)  # not the 0.905 of the square


def test_classes_are_looked_up():
    assert critical_ratios("ising", 3, 16).xi[0] == 0.6431
    assert critical_ratios("clock6", 2, 16) == critical_ratios("xy", 2, 16)
    assert critical_ratios("potts10", 2, 16).name.endswith("first order")
    assert critical_ratios("o5", 3, 16).name == ""  # no value is known: a wide band
    assert critical_ratios("ising", 2, 32, "open").xi[0] == pytest.approx(0.3142, abs=0.002)  # measured 0.3142(8)
