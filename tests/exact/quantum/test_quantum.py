# SPDX-License-Identifier: Apache-2.0
"""Closed forms of quantum chains against published and tabulated values."""

import numpy as np
import pytest

from isinglass.exact.quantum import heisenberg, hubbard, transverse_field_ising


@pytest.mark.parametrize(
    ("N", "h", "ground", "excited"),
    [(4, 0.5, -4.271558410140, -4.236067977500), (8, 1.0, -10.251661790966, -10.054678984252),
     (20, 1.5, -33.438568868425, -32.438479983785), (64, 1.0, -81.495512668926, -81.470967744167)],
)  # fmt: skip
def test_transverse_field_ising_ring(N, h, ground, excited):
    assert transverse_field_ising.ground_energy(N, h) == pytest.approx(ground, abs=1e-11)
    assert transverse_field_ising.first_excited_energy(N, h) == pytest.approx(excited, abs=1e-11)


def test_transverse_field_ising_open_and_infinite():
    assert transverse_field_ising.ground_energy(12, 0.5, periodic=False) == pytest.approx(-11.892044872939, abs=1e-11)
    for h, expected in ((0.5, -1.0635444099734), (1.0, -4 / np.pi), (1.5, -1.6719262215362)):
        assert transverse_field_ising.energy_per_site(h) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("N", "expected"), [(4, -2.0), (6, -2.802775637732), (12, -5.387390917445), (20, -8.904386529876)]
)
def test_heisenberg_ring_by_bethe_ansatz(N, expected):
    assert heisenberg.ground_energy(N) == pytest.approx(expected, abs=1e-10)


def test_heisenberg_ring_comes_to_the_infinite_chain():
    """E/N - e_∞ = -π²/12 N^-2 (1 + 0.343/ln³ N ...): 1 % at N = 256 (Affleck 1986)."""
    assert heisenberg.energy_per_site() == pytest.approx(-0.4431471805599)
    excess = heisenberg.ground_energy(256) / 256 - heisenberg.energy_per_site()
    assert excess * 256**2 == pytest.approx(-(np.pi**2) / 12, rel=0.01)


def test_hubbard_chain():
    """-4/π at U = 0, -4 ln 2 / U for large U; two sites."""
    assert hubbard.energy_per_site(0.0) == pytest.approx(-4 / np.pi, abs=2e-6)
    assert hubbard.energy_per_site(4.0) == pytest.approx(-0.573729367, abs=1e-6)
    assert hubbard.energy_per_site(100.0) == pytest.approx(-4 * np.log(2) / 100, rel=1e-3)
    assert hubbard.two_sites(4.0) == pytest.approx(2 - 8**0.5)
