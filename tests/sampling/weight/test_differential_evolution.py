# SPDX-License-Identifier: Apache-2.0
"""Differential evolution leaves a correlated normal law invariant and moves along it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.sampling.weight.annealed_importance import moved
from isinglass.sampling.weight.differential_evolution import DifferentialEvolution
from isinglass.systems.own_energy import OwnEnergy
from isinglass.tasks.own.function_system import function_system

POPULATIONS = 2000
C = np.array([[1.0, 0.99], [0.99, 1.0]])


@pytest.fixture(scope="module")
def system() -> OwnEnergy:
    """N(0, C)."""
    inverse = jnp.asarray(np.linalg.inv(C))
    return function_system(lambda x: 0.5 * x @ inverse @ x, jnp.zeros(2), None, None, 1.0, gradient=True)


def test_the_law_is_invariant_and_the_acceptance_is_fair(key, system):
    """From independent samples: variances of sum and difference within 4 errors of 2000 populations of 10 walkers.

    So small that a partner of the own half, which depends on the walker, would be seen.
    """
    L = np.linalg.cholesky(C)
    starts = jax.random.normal(key, (POPULATIONS, 10, 2)) @ L.T
    keys = jax.random.split(key, POPULATIONS)
    x, acceptance = jax.jit(jax.vmap(lambda k, x: moved(k, DifferentialEvolution(), x, system, 40)))(keys, starts)
    assert 0.2 < float(acceptance.mean()) < 0.9
    for along, variance in (((1, 1), 3.98), ((1, -1), 0.02)):
        each = ((np.asarray(x) @ np.array(along)) ** 2).mean(axis=1)
        assert each.mean() == pytest.approx(variance, abs=4 * each.std(ddof=1) / POPULATIONS**0.5)
    assert float(np.abs(np.corrcoef(np.asarray(x)[:, :, 0].ravel(), np.asarray(starts)[:, :, 0].ravel())[0, 1])) < 0.2
