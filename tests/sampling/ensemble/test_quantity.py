# SPDX-License-Identifier: Apache-2.0
"""What a run follows: of labels nothing that depends on their names, of numbers their own structure factor."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.sampling.ensemble.quantity import structure_factor
from isinglass.systems import Ising, Potts

SHAPE = (6, 6)


@pytest.mark.parametrize("wave", ["longest", "shortest"])
def test_names_of_levels_do_not_matter(key, wave):
    """S(k) of every level counted by itself is unchanged by x -> π(x); that of the numbers is not."""
    system = Potts(SHAPE, q=4)
    x = system.random_configuration(key)
    values = np.array(system.variable.values)
    renamed = jnp.asarray(np.roll(values, 1), x.dtype)[jnp.searchsorted(jnp.asarray(values, x.dtype), x)]
    found = [float(structure_factor(system, y, wave)) for y in (x, renamed)]
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    numbers = [float(structure_factor(Ising(SHAPE), y, wave)) for y in (x, renamed)]
    assert numbers[0] != pytest.approx(numbers[1], rel=1e-2)


def test_structure_factor_of_levels_by_hand():
    """A checkerboard of levels 0 and 1 of 4: two levels, each N/2 sites of one sublattice, 2 (N/2)² / N at k = π."""
    x = jnp.asarray(np.indices(SHAPE).sum(axis=0) % 2, jnp.int8)
    assert float(structure_factor(Potts(SHAPE, q=4), x, "shortest")) == pytest.approx(2 * 18**2 / 36)
    assert float(structure_factor(Potts(SHAPE, q=4), x, "longest")) == pytest.approx(0, abs=1e-9)
    assert float(structure_factor(Ising(SHAPE), 2 * x - 1, "shortest")) == pytest.approx(36)
