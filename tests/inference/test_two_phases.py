# SPDX-License-Identifier: Apache-2.0
"""Topological order: the convolution finds the plaquette constraint, the perceptron cannot (arXiv:1605.01735)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass import infer
from isinglass.data.configurations import Configurations
from isinglass.inference.phases.two_phases import GAUGE_MLP, TwoPhases, split_rows, translated
from isinglass.systems import IsingGauge, SquareIce


def configurations(key, L, n):
    """n ground states, n states of infinite temperature."""
    system = IsingGauge((L, L))
    cold, hot = (jax.random.split(k, n) for k in jax.random.split(key))
    x = np.concatenate([jax.vmap(system.ground_state)(cold), jax.vmap(system.random_configuration)(hot)])
    return Configurations(x, np.repeat([0.0, np.inf], n), "ising", channels=True)


def test_ground_states_obey_every_plaquette_and_fill_both_loops(key):
    system = IsingGauge((4, 4))
    x = jax.vmap(system.ground_state)(jax.random.split(key, 400))
    assert (np.asarray(jax.vmap(system.plaquette)(x)) == 1).all()
    loops = np.asarray(jnp.stack([x[:, :, 0, 0].prod(axis=1), x[:, 0, :, 1].prod(axis=1)], axis=1))
    counts = np.unique(loops, axis=0, return_counts=True)[1]
    assert len(counts) == 4
    assert counts.min() > 60  # 100 expected, 4.6 standard deviations
    assert np.abs(np.asarray(x, float).mean(axis=0)).max() < 0.25  # every link ±1: 5 standard deviations


def test_ground_states_are_equally_likely(key):
    """L = 2: 2^5 = 32 states, chi-square at false alarm 1e-4 with 31 degrees of freedom: 68.9."""
    x = jax.vmap(IsingGauge((2, 2)).ground_state)(jax.random.split(key, 3200))
    counts = np.unique(np.asarray(x).reshape(3200, -1), axis=0, return_counts=True)[1]
    assert len(counts) == 32
    assert ((counts - 100) ** 2 / 100).sum() < 68.9


@pytest.mark.slow
def test_convolution_succeeds_and_perceptron_fails(key):
    data = configurations(key, 16, 1500)
    assert infer(key, data, method=TwoPhases(members=2)).estimates["accuracy/cnn"].value > 0.995
    assert abs(infer(key, data, method=GAUGE_MLP).estimates["accuracy/mlp"].value - 0.5) < 0.05


@pytest.mark.slow
def test_perceptron_does_not_see_the_constraint(key):
    data = configurations(key, 8, 500)
    knobs = TwoPhases(network="mlp", hidden=50, members=2, steps=100, learning_rate=1e-3)
    accuracy = infer(key, data, method=knobs).estimates["accuracy/mlp"]
    assert abs(accuracy.value - 0.5) < 4 * np.sqrt(0.25 / 500)


def test_chains_do_not_straddle_the_split(key):
    x = np.ones((40, 2, 2), np.int8)
    data = Configurations(x, np.repeat([1.0, 2.0], 20), "ising", chain=np.tile(np.arange(40) // 5, 1))
    test = split_rows(key, data, 0.5)
    assert 10 <= test.sum() <= 30
    assert all(len(set(test[data.group == g])) == 1 for g in np.unique(data.group))


def test_translation_leaves_both_constraints(key):
    gauge, ice = IsingGauge((4, 6)), SquareIce((4, 6))
    x = np.asarray(jax.vmap(gauge.random_configuration)(jax.random.split(key, 5)))
    moved = translated(key, x, 7)
    assert moved.shape == (35, 4, 6, 2)
    assert len(np.unique(moved.reshape(7, -1), axis=0)) == 7
    for system in (gauge, ice):
        E = np.asarray(jax.vmap(system.energy)(moved)).reshape(7, 5)
        np.testing.assert_array_equal(E, np.broadcast_to(E[0], E.shape))
