# SPDX-License-Identifier: Apache-2.0
"""One law, all flows: Jacobian, inverse, normalization, symmetry, storage; each with an error that it must catch."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.act_norm import ActNorm, natural_scale
from isinglass.nets.affine_coupling import real_nvp
from isinglass.nets.autoregressive_flow import autoregressive_flow
from isinglass.nets.circular_coupling import circular_flow
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow import AbstractBijection, Chain, Flow, Inverted
from isinglass.nets.fourier_scale import FourierScale
from isinglass.nets.glow import glow
from isinglass.nets.spline_coupling import SplineCoupling, spline_flow
from isinglass.nets.storage import load_generator, load_model, save_model

SMALL = {"hidden": (6,)}
REAL = {
    "affine": lambda key, shape: real_nvp(key, shape, couplings=4, z2=False, **SMALL),
    "affine odd": lambda key, shape: real_nvp(key, shape, couplings=4, **SMALL),
    "affine local": lambda key, shape: real_nvp(key, shape, couplings=4, radius=3, **SMALL),
    "glow": lambda key, shape: glow(key, shape, steps=3, hidden=4, z2=False),
    "glow odd": lambda key, shape: glow(key, shape, steps=3, hidden=4),
    "spline": lambda key, shape: spline_flow(key, shape, scale=0.8, **SMALL),
    "autoregressive": lambda key, shape: autoregressive_flow(key, shape, z2=False, **SMALL),
    "autoregressive odd": lambda key, shape: autoregressive_flow(key, shape, **SMALL),
    "inverse autoregressive": lambda key, shape: autoregressive_flow(key, shape, inverse=True, **SMALL),
    "free field": lambda key, shape: Flow(StandardNormal(shape), FourierScale(shape=shape)),
}
ANGLES = {
    "circular": lambda key, shape: circular_flow(key, shape, couplings=4, radius=None, **SMALL),
    "circular local": lambda key, shape: circular_flow(key, shape, couplings=4, **SMALL),
}
ALL = REAL | ANGLES
ODD = ["affine odd", "affine local", "glow odd", "spline", "autoregressive odd", "inverse autoregressive", "free field"]
EVEN_STEPS = ["affine local", "spline", "circular local"]  # translations by an even number of steps


def made(name, key, shape, dtype=jnp.float64):
    """A flow far from the identity: all its parameters shaken."""

    @eqx.filter_jit
    def make(key):
        flow = ALL[name](key, shape)
        arrays, rest = eqx.partition(flow, eqx.is_inexact_array)
        leaves, tree = jax.tree.flatten(arrays)
        keys = jax.random.split(key, len(leaves))
        shaken = [
            a.astype(dtype) + 0.3 * jax.random.normal(k, a.shape, dtype) for a, k in zip(leaves, keys, strict=True)
        ]
        return eqx.combine(jax.tree.unflatten(tree, shaken), rest)

    return make(key)


def jacobian_error(bijection, z):
    """Claimed log-determinants against the full Jacobian, and the round trip."""
    N = z.size
    x, forward = bijection.forward(z)
    back, inverse = bijection.inverse(x)
    matrix = jax.jacrev(lambda z: bijection.forward(z.reshape(x.shape))[0].ravel())(z.ravel())
    exact = jnp.linalg.slogdet(matrix.reshape(N, N))[1]
    return jnp.stack([jnp.abs(forward - exact), jnp.abs(inverse + exact), jnp.abs(back - z).max()])


@pytest.mark.parametrize("name", ALL)
def test_log_determinant_is_that_of_the_jacobian_and_the_inverse_undoes(name, key):
    flow = made(name, key, (4, 4))
    z = jax.random.normal(key, (4, 4))
    assert float(eqx.filter_jit(jacobian_error)(flow.bijection, z).max()) < 1e-8
    float32 = made(name, key, (4, 4), jnp.float32)
    assert float(eqx.filter_jit(jacobian_error)(float32.bijection, z.astype(jnp.float32)).max()) < 1e-3


class Forgetful(AbstractBijection):
    """Planted: one site's factor is left out of the determinant."""

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


def total_probability(flow, half_width):
    """∫ q over a square of 2 half_width, by the trapezoidal rule: exact for what vanishes at, or repeats over, it."""
    n = 700
    grid = np.linspace(-half_width, half_width, n, endpoint=False)
    points = jnp.asarray(np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, *flow.shape))
    log_q = eqx.filter_jit(lambda x: jax.lax.map(flow.log_prob, x, batch_size=35_000))(points)
    return float(jnp.exp(log_q.astype(float)).sum()) * (2 * half_width / n) ** 2


@pytest.mark.parametrize("name", ALL)
def test_density_is_normalized(name, key):
    flow = made(name, key, (2,), jnp.float32)
    half_width = np.pi if name in ANGLES else 20.0
    assert abs(total_probability(flow, half_width) - 1) < 2e-4


def test_a_wrong_jacobian_term_is_caught(key):
    flow = made("affine odd", key, (4, 4))
    z = jax.random.normal(key, (4, 4))
    assert float(jacobian_error(Forgetful(flow.bijection), z).max()) > 1e-3
    small = made("affine odd", key, (2,), jnp.float32)
    assert abs(total_probability(Flow(small.base, Forgetful(small.bijection)), 20.0) - 1) > 1e-2


@pytest.mark.parametrize("name", ALL)
def test_draws_come_with_their_density(name, key):
    flow = made(name, key, (4, 4), jnp.float32)

    @eqx.filter_jit
    def both(key):
        x, log_q = flow.sample_with_log_prob(key, 64)
        return log_q, jax.vmap(flow.log_prob)(x)

    log_q, again = both(key)
    assert float(jnp.abs(log_q - again).max()) < 5e-3
    assert float(jnp.std(log_q)) > 0.1 or name in ANGLES


def density_change(flow, image, key):
    """Largest |ln q(g x) - ln q(x)| over 32 configurations."""
    x = jax.random.uniform(key, (32, *flow.shape), minval=-3.0, maxval=3.0)
    log_q = eqx.filter_jit(jax.vmap(flow.log_prob))
    return float(jnp.abs(log_q(jax.vmap(image)(x)) - log_q(x)).max())


@pytest.mark.parametrize("name", ODD)
def test_density_is_even_where_the_flow_is_odd(name, key):
    assert density_change(made(name, key, (4, 4)), lambda x: -x, key) < 1e-8


@pytest.mark.parametrize("name", ["affine", "glow", "autoregressive"])
def test_a_flow_without_reflection_symmetry_is_seen_to_lack_it(name, key):
    assert density_change(made(name, key, (4, 4)), lambda x: -x, key) > 1e-2


@pytest.mark.parametrize("name", [*EVEN_STEPS, "glow odd", "free field"])
@pytest.mark.parametrize("steps", [(2, 0), (1, 1), (1, 0)])
def test_translations_that_keep_the_density(name, steps, key):
    """Local couplings: an even total number of steps.  Glow: whole blocks.  Free field: all.  Others change it."""
    flow = made(name, key, (6, 4))
    change = density_change(flow, lambda x: jnp.roll(x, steps, (0, 1)), key)
    kept = {"glow odd": all(n % 2 == 0 for n in steps), "free field": True}.get(name, sum(steps) % 2 == 0)
    assert change < 1e-8 if kept else change > 1e-2


def test_angles_are_periodic(key):
    flow = made("circular", key, (4, 4))
    assert density_change(flow, lambda x: x + 2 * jnp.pi, key) < 1e-8
    assert density_change(flow, lambda x: x + 1.0, key) > 1e-2


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_lattices_of_any_dimension(dimension, key):
    shape = (4,) * dimension if dimension < 3 else (2, 4, 2)
    for make in (REAL["affine"], REAL["affine local"], REAL["glow"], REAL["spline"]):
        flow = eqx.filter_jit(make)(key, shape)
        x, log_q = eqx.filter_jit(flow.draw_with_log_prob)(key)
        assert x.shape == shape
        assert abs(float(log_q - eqx.filter_jit(flow.log_prob)(x))) < 1e-3


def test_causality_is_exact(key):
    """The Jacobian of one masked layer is triangular, entry by entry; a shifted mask is caught."""
    layer = autoregressive_flow(key, (4, 4), z2=False, hidden=(40, 40)).bijection.layer.parts[0]
    layer = jax.tree.map(lambda a: a[0] + 0.3 * jax.random.normal(key, a[0].shape, jnp.float32), layer)
    jacobian = jax.jacrev(lambda x: layer.inverse(x.reshape(4, 4))[0].ravel())(
        jax.random.normal(key, (16,), jnp.float32)
    )
    assert float(jnp.abs(jnp.triu(jacobian, 1)).max()) == 0.0
    assert float(jnp.abs(jnp.tril(jacobian, -1)).max()) > 0.01
    leaking = jax.jacrev(lambda x: jnp.roll(layer.inverse(x.reshape(4, 4))[0].ravel(), 1))(jnp.ones(16, jnp.float32))
    assert float(jnp.abs(jnp.tril(leaking, -1)).max()) > 0.0  # of roll: rows one lower
    assert float(jnp.abs(jnp.triu(jnp.roll(leaking, -2, axis=0), 1)).max()) > 0.0  # planted: output i sees site i + 1


@pytest.mark.parametrize("name", ALL)
def test_flows_come_back_bit_for_bit(name, key, tmp_path):
    flow = made(name, key, (4, 4), jnp.float32)
    save_model(tmp_path, flow)
    assert bool(eqx.tree_equal(flow, load_model(tmp_path)))
    assert tuple(load_generator(tmp_path, (4, 4)).shape) == (4, 4)
    with pytest.raises(ValueError, match=r"lattice \(8, 8\).*one for \(4, 4\)") as refusal:
        load_generator(tmp_path, (8, 8))
    assert "\n" not in str(refusal.value)


def test_a_flow_for_one_lattice_refuses_another(key):
    with pytest.raises(ValueError, match="of one shape"):
        Flow(StandardNormal((4, 4)), FourierScale(shape=(6, 6)))
    with pytest.raises(ValueError, match="even sides"):
        spline_flow(key, (5, 5))
    with pytest.raises(ValueError, match="multiples of 2"):
        glow(key, (3, 3))
    with pytest.raises(ValueError, match="spline_outputs"):
        SplineCoupling(real_nvp(key, (4, 4)).bijection.layer.parts[0].conditioner)


def test_actnorm_begins_at_the_data_or_at_the_energy(key):
    x = 3 + 0.5 * jax.random.normal(key, (4000, 4, 4), jnp.float32)
    layer = ActNorm(shape=(4, 4), block=2).of_data(x)
    z = jax.vmap(lambda x: layer.inverse(x)[0])(x)
    assert abs(float(z.mean())) < 0.01
    assert abs(float(z.std()) - 1) < 0.01
    z = jax.random.normal(key, (500, 4, 4), jnp.float32)
    scale = natural_scale(lambda x: -jnp.sum(x**2) / (2 * 0.2**2), z)  # a Gaussian of width 0.2
    assert abs(float(scale) / 0.2 - 1) < 0.05


def test_inverted_twice_is_the_same(key):
    flow = made("spline", key, (4, 4))
    x = jax.random.normal(key, (4, 4))
    twice = Inverted(Inverted(Chain((flow.bijection,))))
    assert jnp.array_equal(twice.forward(x)[0], flow.bijection.forward(x)[0])
