# SPDX-License-Identifier: Apache-2.0
"""Score networks: symmetries hold exactly, and a network that breaks them is seen."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.diffusion.score_field import ScoreField
from isinglass.nets.diffusion.score_mlp import ScoreMLP
from isinglass.nets.diffusion.score_particles import ScoreParticles
from isinglass.nets.transport.graph_velocity import GraphVelocity
from isinglass.nets.transport.pair_velocity import PairVelocity

LEVEL = jnp.float32(0.3)
VELOCITIES = {"pair": PairVelocity, "graph": GraphVelocity}


def awake(net, key):
    """The same network with random numbers where it begins with zeros."""
    arrays, static = eqx.partition(net, eqx.is_array)
    leaves, tree = jax.tree.flatten(arrays)
    keys = jax.random.split(key, len(leaves))
    noisy = [a + 0.2 * jax.random.normal(k, a.shape, a.dtype) for a, k in zip(leaves, keys, strict=True)]
    return eqx.filter_jit(eqx.combine(jax.tree.unflatten(tree, noisy), static))


@pytest.mark.slow
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_fields_move_with_the_lattice(key, dimension):
    net = awake(ScoreField(key=key, dimension=dimension, channels=4, depth=2), key)
    for side in (4, 5):  # the same weights on two lattices
        x = jax.random.normal(key, (2,) + (side,) * dimension, jnp.float32)
        moved = net(jnp.roll(x, 2, -1), LEVEL)
        np.testing.assert_allclose(moved, jnp.roll(net(x, LEVEL), 2, -1), atol=2e-5)
        assert np.abs(moved - jnp.roll(net(x, LEVEL), 1, -1)).max() > 1e-3  # planted: another translation


@pytest.mark.slow
def test_odd_fields(key):
    x = jax.random.normal(key, (2, 4, 4), jnp.float32)
    for odd in (True, False):
        net = awake(ScoreField(key=key, channels=4, depth=1, odd=odd), key)
        violation = float(jnp.abs(net(-x, LEVEL) + net(x, LEVEL)).max())
        assert violation == 0 if odd else violation > 1e-3  # planted: without the symmetry


def rotation(key, d):
    q, r = jnp.linalg.qr(jax.random.normal(key, (d, d)))
    return (q * jnp.sign(jnp.diagonal(r))[None]).astype(jnp.float32)


LONG = [pytest.param(name, 3, marks=pytest.mark.slow) for name in ("pair", "graph")]


@pytest.mark.parametrize(("velocity", "d"), [pytest.param("pair", 2, marks=pytest.mark.slow), *LONG])
def test_particles(key, velocity, d):
    """Permutations, rotations with reflections, translations; the forces add up to zero."""
    net = awake(ScoreParticles(VELOCITIES[velocity](key=key, shape=(5, d))), key)
    x = jax.random.normal(key, (5, d), jnp.float32)
    F, order, R = net(x, LEVEL), jax.random.permutation(key, 5), rotation(key, d)
    assert float(jnp.abs(F).max()) > 0.05
    np.testing.assert_allclose(net(x[order], LEVEL), F[order], atol=2e-6)
    np.testing.assert_allclose(net(x @ R, LEVEL), F @ R, atol=2e-5)
    np.testing.assert_allclose(net(x @ -R, LEVEL), F @ -R, atol=2e-5)
    np.testing.assert_allclose(net(x + 1.5, LEVEL), F, atol=2e-5)
    np.testing.assert_allclose(F.sum(axis=0), 0.0, atol=2e-6)
    dense = awake(ScoreMLP(key=key, shape=(5, d), width=8), key)  # planted: a network without the symmetries
    assert np.abs(dense(x @ R, LEVEL) - dense(x, LEVEL) @ R).max() > 1e-2
    assert np.abs(dense(x[order], LEVEL) - dense(x, LEVEL)[order]).max() > 1e-2


@pytest.mark.parametrize("made", ["field", "particles", "dense"])
def test_networks_begin_at_zero_and_know_the_noise_level(key, made):
    net, x = {
        "field": (ScoreField(key=key, channels=4, depth=1), jnp.ones((2, 4, 4), jnp.float32).at[0, 0].set(2)),
        "particles": (ScoreParticles(PairVelocity(key=key, shape=(3, 2))), jnp.eye(3, 2, dtype=jnp.float32)),
        "dense": (ScoreMLP(key=key, shape=(3,), width=8), jnp.ones(3, jnp.float32)),
    }[made]
    assert float(jnp.abs(eqx.filter_jit(net)(x, LEVEL)).max()) == 0
    made_awake = awake(net, key)
    assert float(jnp.abs(made_awake(x, LEVEL) - made_awake(x, LEVEL + 2)).max()) > 1e-3
