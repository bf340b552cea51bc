# SPDX-License-Identifier: Apache-2.0
"""The (min, +) transfer matrix against enumeration of all states."""

import numpy as np
import pytest

from isinglass.exact.lattice.enumeration import configurations
from isinglass.exact.lattice.spin_glass import torus_ground_energy


@pytest.mark.parametrize("seed", range(4))
def test_ground_energy_is_the_minimum_over_all_states(seed):
    rng = np.random.default_rng(seed)
    down, right = rng.choice([-1.0, 1.0], (2, 4, 3)) + (0.1 * rng.normal(size=(2, 4, 3)) if seed % 2 else 0.0)
    s = (2.0 * np.concatenate(list(configurations(12))) - 1).reshape(-1, 4, 3)
    E = -(down * s * np.roll(s, -1, axis=1) + right * s * np.roll(s, -1, axis=2)).sum(axis=(1, 2))
    assert np.isclose(torus_ground_energy(down, right), E.min(), atol=1e-12)
    if seed % 2:  # planted: a wrong sign
        assert not np.isclose(torus_ground_energy(down, -right), E.min(), atol=1e-12)


def test_ferromagnet():
    assert torus_ground_energy(np.ones((6, 8)), np.ones((6, 8))) == -96
