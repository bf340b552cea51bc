# SPDX-License-Identifier: Apache-2.0
"""One numbering of the dimer's bath: whatever the order, and its reflections, of one energy."""

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.systems.particle.dimer import Dimer
from isinglass.systems.particle.numbering import dimer_images, in_order, ordered


@pytest.fixture
def x():
    """Dimer and four discs, apart from one another."""
    return np.array([[-0.5, 0.1], [0.5, 0.0], [2.0, 1.9], [-2.0, 1.7], [-1.8, -2.0], [1.6, -1.9]])


def test_discs_in_another_order_are_numbered_alike(x):
    shuffled = np.concatenate([x[:2], x[[4, 2, 5, 3]]])
    assert np.abs(in_order(shuffled) - in_order(x)).max() == 0
    assert np.abs(shuffled - in_order(x)).max() > 1  # planted: as they came


def test_images_are_four_of_one_energy_and_one_numbering(x):
    """Planted: the axes exchanged."""
    system = Dimer(4)
    energy = lambda x: float(system.energy(jnp.asarray(x)))  # noqa: E731
    images = dimer_images(np.random.default_rng(0), x[None])
    assert len({image.tobytes() for image in images}) == 4
    assert np.abs(ordered(images) - images).max() == 0
    np.testing.assert_allclose([energy(image) for image in images], energy(x), atol=1e-9)
    assert abs(energy(x[:, ::-1]) - energy(x)) > 1
