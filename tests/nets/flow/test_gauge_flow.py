# SPDX-License-Identifier: Apache-2.0
"""Gauge flows: exact gauge invariance of the density, Jacobian, inverse, normalization, storage; planted errors."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.flow.circular_coupling import circular_flow, halved, wrapped
from isinglass.nets.flow.flow import AbstractBijection, Flow
from isinglass.nets.flow.gauge_flow import GaugeCoupling, gauge_flow
from isinglass.nets.flow.gauge_sweep import GaugeSweep, gauge_sweep_flow, snake
from isinglass.run.model_file import load_model, save_model
from isinglass.symmetry.gauge import PhaseGauge
from isinglass.systems import U1Gauge

SHAPE = (4, 6, 2)
FLOWS = {
    "coupling": lambda key: gauge_flow(key, SHAPE, blocks=2, bins=4, hidden=(4,)),
    "sweep": lambda key: gauge_sweep_flow(SHAPE, aware=5, bins=4, harmonics=2),
}


@eqx.filter_jit
def log_probs(flow, x):
    """ln q of every row."""
    return jax.vmap(flow.log_prob)(x)


def made(name, key, dtype=jnp.float64):
    """A flow far from the identity."""
    flow = FLOWS[name](key)
    arrays, rest = eqx.partition(flow, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(arrays)
    keys = jax.random.split(key, len(leaves))
    leaves = [a.astype(dtype) + 0.3 * jax.random.normal(k, a.shape, dtype) for a, k in zip(leaves, keys, strict=True)]
    return eqx.combine(jax.tree.unflatten(tree, leaves), rest)


def angles(key, dtype=jnp.float64):
    return jax.random.uniform(key, SHAPE, dtype, -jnp.pi, jnp.pi)


def jacobian_error(bijection, z):
    """Claimed log-determinants against the full Jacobian, and the round trip on the circle."""
    x, forward = bijection.forward(z)
    back, inverse = bijection.inverse(x)
    matrix = jax.jacrev(lambda z: bijection.forward(z.reshape(x.shape))[0].ravel())(z.ravel())
    exact = jnp.linalg.slogdet(matrix)[1]
    return jnp.stack([jnp.abs(forward - exact), jnp.abs(inverse + exact), jnp.abs(wrapped(back - z)).max()])


@pytest.mark.parametrize("name", ["sweep", "coupling"])
@pytest.mark.slow
def test_log_determinant_is_that_of_the_jacobian_and_the_inverse_undoes(name, key):
    flow = made(name, key)
    assert float(eqx.filter_jit(jacobian_error)(flow.bijection, angles(key)).max()) < 1e-8
    assert float(flow.bijection.forward(angles(key))[1]) != 0.0


class Forgetful(AbstractBijection):
    """Planted: one link's factor is left out of the determinant."""

    bijection: AbstractBijection

    @property
    def shape(self):
        return self.bijection.shape

    def forward(self, z):
        x, log_det = self.bijection.forward(z)
        return x, log_det * (1 - 1 / z.size)

    def inverse(self, x):
        z, log_det = self.bijection.inverse(x)
        return z, log_det * (1 - 1 / x.size)


@pytest.mark.slow
def test_a_wrong_jacobian_term_is_caught(key):
    flow = made("sweep", key)
    assert float(jacobian_error(Forgetful(flow.bijection), angles(key)).max()) > 1e-3


@eqx.filter_jit
def gauge_change(flow, key):
    """Largest |ln q(θ^α) - ln q(θ)|, and how far f(θ^α) is from f(θ)^α."""

    def one(key):
        key_x, key_alpha = jax.random.split(key)
        x, alpha = angles(key_x), jax.random.uniform(key_alpha, SHAPE[:2], maxval=2 * jnp.pi)
        y = PhaseGauge().transformed(x, alpha)
        density = jnp.abs(flow.log_prob(y) - flow.log_prob(x))
        moved = PhaseGauge().transformed(flow.bijection.forward(x)[0], alpha) - flow.bijection.forward(y)[0]
        return jnp.stack([density, jnp.abs(wrapped(moved)).max()])

    return jax.vmap(one)(jax.random.split(key, 16)).max(axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sweep", pytest.param("coupling", marks=pytest.mark.slow)])
def test_density_is_gauge_invariant_to_round_off(name, key):
    flow = made(name, key)
    assert float(gauge_change(flow, key).max()) < 1e-9
    x = jax.vmap(angles)(jax.random.split(key, 8))
    assert float(jnp.std(log_probs(flow, x))) > 0.1


@pytest.mark.slow
def test_a_flow_that_knows_no_gauge_symmetry_is_seen(key):
    flow = circular_flow(key, SHAPE, couplings=2, radius=None, hidden=(4,))
    arrays, rest = eqx.partition(flow, eqx.is_inexact_array)
    shaken = jax.tree.map(lambda a: (a + 0.3 * jax.random.normal(key, a.shape, a.dtype)).astype(float), arrays)
    assert float(gauge_change(eqx.combine(shaken, rest), key)[0]) > 1e-2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sweep", pytest.param("coupling", marks=pytest.mark.slow)])
def test_draws_come_with_their_density_and_it_is_normalized(name, key):
    """∫ q = 1 over 2^N π^N: the mean of q/u over uniform u, within 4.5 standard errors; 5 % off is seen."""
    gentle = jax.tree.map(lambda a: 0.2 * a if eqx.is_inexact_array(a) else a, made(name, key, jnp.float32))
    x, log_q = eqx.filter_jit(lambda flow, key: flow.sample_with_log_prob(key, 64))(gentle, key)
    assert float(jnp.abs(log_probs(gentle, x) - log_q).max()) < 5e-3
    assert float(jnp.std(log_q)) > 0.05
    uniform = jax.vmap(lambda k: angles(k, jnp.float32))(jax.random.split(key, 20_000))
    ratio = jnp.exp(log_probs(gentle, uniform) + uniform[0].size * float(np.log(2 * np.pi)))
    error = float(ratio.std()) / len(ratio) ** 0.5
    assert error < 0.012
    assert abs(float(ratio.mean()) - 1) < 4.5 * error
    assert abs(1.05 * float(ratio.mean()) - 1) > 4.5 * error


@pytest.mark.parametrize("name", ["sweep", pytest.param("coupling", marks=pytest.mark.slow)])
def test_gauge_flows_come_back_bit_for_bit(name, key, tmp_path):
    flow = made(name, key, jnp.float32)
    save_model(tmp_path, flow)
    assert bool(eqx.tree_equal(flow, load_model(tmp_path)))


@pytest.mark.slow
def test_coupling_commutes_with_translations_of_whole_stripes(key):
    flow = made("coupling", key)
    x = angles(key)
    log_q = eqx.filter_jit(flow.log_prob)
    assert abs(float(log_q(jnp.roll(x, (2, 2), (0, 1))) - log_q(x))) < 1e-9
    assert abs(float(log_q(jnp.roll(x, (1, 0), (0, 1))) - log_q(x))) > 1e-3


def test_the_path_meets_every_plaquette_once_and_steps_to_neighbors():
    path, links, signs = snake((4, 6))
    assert sorted(path) == list(range(24))
    assert len(set(links)) == 23
    flux = U1Gauge((4, 6)).flux
    for k in range(23):
        turned = np.zeros(48)
        turned[links[k]] = signs[k]
        change = np.asarray(flux(jnp.asarray(turned.reshape(4, 6, 2)))).ravel()
        expected = np.zeros(24)
        expected[path[k]], expected[path[k + 1]] = 1, -1
        assert (change == expected).all()


def test_half_an_angle_is_continuous_around_the_circle():
    """S/2 jumps at π; `halved` does not, and is near S/2 where |S| is small."""
    S = jnp.linspace(-np.pi, np.pi, 1001)
    assert float(jnp.abs(jnp.diff(halved(S))).max()) < 0.02
    assert abs(float(halved(S)[0] - halved(S)[-1])) < 1e-6
    assert abs(float(halved(jnp.asarray(0.1))) - 0.04) < 0.01


def test_wrong_shapes_are_refused(key):
    with pytest.raises(ValueError, match="stripe"):
        GaugeCoupling(key=key, shape=(4, 5, 2), stripe=2)
    with pytest.raises(ValueError, match="links of shape"):
        GaugeSweep(shape=(8, 8))
    with pytest.raises(ValueError, match="one shape"):
        Flow(made("sweep", key).base, GaugeSweep(shape=(2, 2, 2)))
