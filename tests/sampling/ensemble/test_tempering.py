# SPDX-License-Identifier: Apache-2.0
"""Exchanges between temperatures, with chains that stand still in between."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.sampling.ensemble.tempering import Tempering
from isinglass.systems import Ising, at_temperatures

CHAINS, T = 20_000, np.array([2.0, 5.0])
UP = np.ones((2, 2), np.int8)
FLIPPED = UP * np.array([[-1, 1], [1, 1]], np.int8)


class Still(AbstractSampler):
    """x stays."""

    def step(self, key, x, system):
        return x, None


def exchanged(key, cold, hot, *, steps=1):
    """Share of the chains that exchanged in the last of so many steps, and where they are then."""
    system = at_temperatures(Ising((2, 2)), T)
    ensemble = Tempering(Still())
    state = ensemble.init(key, jnp.broadcast_to(np.stack([cold, hot])[:, None], (2, CHAINS, 2, 2)), system)
    for i in range(steps):
        state, diagnostics = ensemble.step(jax.random.fold_in(key, i), state, system)
    return diagnostics.exchange, np.asarray(ensemble.configurations(state))


def test_exchanges_have_the_probability_of_detailed_balance(key):
    """min(1, exp((beta_1 - beta_2)(E_1 - E_2))), E = -8 and 0 at beta 0.5 and 0.2: exp(-2.4), or 1.  4 errors: 6e-5.

    A wrong sign of the exponent interchanges the two.
    """
    p = np.exp(-0.3 * 8)
    share, x = exchanged(key, UP, FLIPPED)
    assert abs(share[0] - p) < 4 * (p * (1 - p) / CHAINS) ** 0.5
    assert share[1] == 0
    swapped = (x[0] == FLIPPED).all((1, 2))
    assert swapped.mean() == pytest.approx(float(share[0]))
    np.testing.assert_array_equal(swapped, (x[1] == UP).all((1, 2)))  # both of a pair, or none
    assert exchanged(key, FLIPPED, UP)[0][0] == 1


def test_odd_steps_leave_the_first_pair_alone(key):
    """Two temperatures: the second step has no pair."""
    assert exchanged(key, FLIPPED, UP, steps=2)[0].tolist() == [0, 0]
