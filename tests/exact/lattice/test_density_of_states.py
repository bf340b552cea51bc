# SPDX-License-Identifier: Apache-2.0
"""g(E) against published integers, enumeration and Kaufman's energy."""

import numpy as np
import pytest

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.density_of_states import density_of_states
from isinglass.exact.lattice.enumeration import ising_energies

PUBLISHED = {
    4: [2, 0, 32, 64, 424, 1728, 6688, 13568, 20524, 13568],
    6: [2, 0, 72, 144, 1620, 6048, 35148, 159840, 804078, 3846576, 17569080, 71789328, 260434986]
    + [808871328, 2122173684, 4616013408, 8196905106, 11674988208, 13172279424],
    8: [2, 0, 128, 256, 4672, 17920, 145408, 712960, 4274576, 22128384, 118551552, 610683392],
    16: [2, 0, 512, 1024, 67840, 268288, 6463488, 36373504, 510137472, 3446274048, 35564942848, 259061632000],
}


@pytest.mark.parametrize("L", PUBLISHED)
def test_published_integers(L):
    assert list(density_of_states(L).g[: len(PUBLISHED[L])]) == PUBLISHED[L]


@pytest.mark.parametrize("L", [4, 6, 8, 10, 12, 14, 16])
def test_sum_and_symmetry(L):
    E, g, log_g = density_of_states(L)
    assert sum(g) == 2 ** (L * L)
    assert g == g[::-1]
    assert len(E) == len(g) == len(log_g) == L * L + 1
    assert E[0] == -2 * L * L
    assert E[-1] == 2 * L * L


def test_enumeration():
    site = np.arange(16).reshape(4, 4)
    bonds = np.concatenate([np.stack([site, np.roll(site, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])
    energies, counts = np.unique(np.concatenate(list(ising_energies(16, bonds))), return_counts=True)
    levels = density_of_states(4)
    occupied = np.array(levels.g) > 0
    np.testing.assert_array_equal(levels.E[occupied], energies)
    np.testing.assert_array_equal(np.array(levels.g)[occupied], counts)


def mean_energy(E, log_g, T):
    weight = np.exp(log_g - E / T - np.max(log_g - E / T))
    return weight @ E / weight.sum()


@pytest.mark.parametrize("L", [8, 16])
@pytest.mark.parametrize("T", [1.0, 2.269185314213022, 5.0])
def test_energy_is_kaufmans(L, T):
    E, _, log_g = density_of_states(L)
    assert mean_energy(E, log_g, T) / L**2 == pytest.approx(kaufman.energy(T, L), rel=1e-12)


def test_planted_error_is_seen():
    """One state in 2^64 moved is seen by the sum; one level off by 1e-6 is seen by the energy."""
    E, _, log_g = density_of_states(8)
    wrong = log_g.copy()
    wrong[12] += 1e-6
    assert abs(mean_energy(E, wrong, 2.269185314213022) / 64 / kaufman.energy(2.269185314213022, 8) - 1) > 1e-11


def test_odd_side_is_refused():
    with pytest.raises(ValueError, match="even L"):
        density_of_states(5)
