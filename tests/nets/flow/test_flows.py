# SPDX-License-Identifier: Apache-2.0
"""One law, all flows: Jacobian, inverse, normalization, symmetry, storage; each with an error that it must catch."""

from functools import lru_cache

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import ActNorm, natural_scale
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.nets.flow.autoregressive_flow import autoregressive_flow
from isinglass.nets.flow.circular_coupling import circular_flow
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Inverted
from isinglass.nets.flow.fourier_scale import FourierScale
from isinglass.nets.flow.glow import glow
from isinglass.nets.flow.spline_coupling import SplineCoupling, spline_flow
from isinglass.run.model_file import load_generator, save_model

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
SHORT = ("affine", "spline", "free field", "circular")
NAMES = [name if name in SHORT else pytest.param(name, marks=pytest.mark.slow) for name in ALL]


@lru_cache
def made(name, shape, size=0.3):
    """A flow away from the identity, in double precision: all its parameters shaken."""
    flow = eqx.filter_jit(ALL[name])(jax.random.key(20240229), shape)
    rng = np.random.default_rng(7)
    shake = lambda a: jnp.asarray(a, float) + size * rng.normal(size=a.shape)  # noqa: E731
    return jax.tree.map(lambda a: shake(a) if eqx.is_inexact_array(a) else a, flow)


@eqx.filter_jit
def jacobian_error(flow, z):
    """Claimed log-determinants against the full Jacobian, the round trip, and the two ways to the density."""
    x, forward = flow.bijection.forward(z)
    back, inverse = flow.bijection.inverse(x)
    matrix = jax.jacrev(lambda z: flow.bijection.forward(z.reshape(x.shape))[0].ravel())(z.ravel())
    exact = jnp.linalg.slogdet(matrix.reshape(z.size, z.size))[1]
    y, log_q = flow.draw_with_log_prob(jax.random.key(3))
    single = (log_q - flow.log_prob(y)) / 100  # draws of the base density are in single precision
    errors = forward - exact, inverse + exact, jnp.abs(back - z).max(), single
    return jnp.abs(jnp.stack(errors)), jnp.abs(exact)


@pytest.mark.parametrize("name", NAMES)
def test_log_determinant_is_that_of_the_jacobian_and_the_inverse_undoes(name, key):
    errors, size = jacobian_error(made(name, (4, 4)), jax.random.normal(key, (4, 4)))
    assert float(errors.max()) < 1e-8
    assert float(size) > 1e-3


class Forgetful(AbstractBijection):
    """Planted: the determinant is a tenth too small."""

    bijection: AbstractBijection

    @property
    def shape(self):
        return self.bijection.shape

    def forward(self, z):
        x, log_det = self.bijection.forward(z)
        return x, 0.9 * log_det

    def inverse(self, x):
        z, log_det = self.bijection.inverse(x)
        return z, 0.9 * log_det


@eqx.filter_jit
def log_probs(flow, x):
    """ln q of many."""
    return jax.vmap(flow.log_prob)(x)


def total_probability(flow, half_width):
    """∫ q over a square of 2 half_width, by the trapezoidal rule, for what vanishes at its edge or goes round."""
    n = 720
    grid = np.linspace(-half_width, half_width, n, endpoint=False)
    points = jnp.asarray(np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, *flow.shape))
    return float(jnp.exp(log_probs(flow, points)).sum()) * (2 * half_width / n) ** 2


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_density_is_normalized(name):
    half_width = np.pi if name in ANGLES else 9.0
    assert abs(total_probability(made(name, (2,), 0.1), half_width) - 1) < 1e-4


def test_a_wrong_jacobian_term_is_caught(key):
    flow = made("affine", (4, 4))
    wrong = Flow(flow.base, Forgetful(flow.bijection))
    assert float(jacobian_error(wrong, jax.random.normal(key, (4, 4)))[0].max()) > 1e-3
    small = made("affine", (2,), 0.1)
    assert abs(total_probability(Flow(small.base, Forgetful(small.bijection)), 7.0) - 1) > 1e-3


MOVES = {
    "reflection": lambda x: -x,
    "one step": lambda x: jnp.roll(x, 1, 0),
    "two steps": lambda x: jnp.roll(x, (1, 1), (0, 1)),
    "one block": lambda x: jnp.roll(x, 2, 0),
    "circle": lambda x: x + 2 * jnp.pi,
}
EVEN = {"reflection", "two steps", "one block"}
KEPT = {  # exactly these, and none of the others
    "affine": set(),
    "affine odd": {"reflection"},
    "affine local": EVEN,
    "glow": {"one block"},
    "glow odd": {"reflection", "one block"},
    "spline": EVEN,
    "autoregressive": set(),
    "autoregressive odd": {"reflection"},
    "inverse autoregressive": {"reflection"},
    "free field": EVEN | {"one step"},
    "circular": {"circle"},
    "circular local": {"circle", "two steps", "one block"},
}


@pytest.mark.parametrize("name", NAMES)
def test_the_density_has_the_symmetries_that_are_claimed_and_no_others(name, key):
    """|ln q(g x) - ln q(x)| over 32 configurations; translations by an even number of steps keep a checkerboard."""
    flow = made(name, (4, 4))
    x = jax.random.uniform(key, (32, 4, 4), minval=-3.0, maxval=3.0)
    images = jnp.stack([x, *(jax.vmap(move)(x) for move in MOVES.values())])
    log_q = log_probs(flow, images.reshape(-1, 4, 4)).reshape(-1, 32)
    change = dict(zip(MOVES, jnp.abs(log_q[1:] - log_q[:1]).max(axis=1).tolist(), strict=True))
    assert {move for move, size in change.items() if size < 1e-8} == KEPT[name]
    assert all(size > 1e-3 for move, size in change.items() if move not in KEPT[name])


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(8,), (2, 4, 2)])
def test_lattices_of_any_dimension(shape, key):
    for name in ("affine local", "glow", "spline"):
        flow = eqx.filter_jit(REAL[name])(key, shape)
        x, log_q = eqx.filter_jit(type(flow).sample_with_log_prob)(flow, key, 8)
        assert x.shape == (8, *shape)
        assert x.dtype == jnp.float32
        assert float(jnp.abs(log_q - log_probs(flow, x)).max()) < 1e-3


class Leaking(AbstractBijection):
    """Planted: every site sees the next one."""

    layer: AbstractBijection

    @property
    def shape(self):
        return self.layer.shape

    def forward(self, z):
        return self.layer.forward(z)

    def inverse(self, x):
        z, log_det = self.layer.inverse(x)
        return z + 1e-3 * jnp.tanh(jnp.roll(x, -1)), log_det


@eqx.filter_jit
def influence_of_later_sites(layer, x):
    """Largest |∂z_i/∂x_j|, j > i, and largest |∂z_i/∂x_j|, j < i."""
    jacobian = jax.jacrev(lambda x: layer.inverse(x.reshape(layer.shape))[0].ravel())(x)
    return jnp.abs(jnp.triu(jacobian, 1)).max(), jnp.abs(jnp.tril(jacobian, -1)).max()


def test_causality_is_exact(key):
    """The Jacobian of one masked layer is triangular, entry by entry; a leak of 0.1 % is caught."""
    layer = jax.tree.map(lambda a: a[0], made("autoregressive", (4, 4)).bijection.layer.parts[0])
    x = jax.random.normal(key, (16,))
    later, earlier = influence_of_later_sites(layer, x)
    assert float(later) == 0.0
    assert float(earlier) > 0.01
    assert float(influence_of_later_sites(Leaking(layer), x)[0]) > 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_flows_come_back_bit_for_bit(name, tmp_path):
    flow = made(name, (4, 4))
    flow = jax.tree.map(lambda a: a.astype(jnp.float32) if eqx.is_inexact_array(a) else a, flow)
    save_model(tmp_path, flow)
    assert bool(eqx.tree_equal(flow, load_generator(tmp_path, (4, 4))))
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
    flow = made("spline", (4, 4))
    x = jax.random.normal(key, (4, 4))
    twice = Inverted(Inverted(Composition((flow.bijection,))))
    assert jnp.array_equal(twice.forward(x)[0], flow.bijection.forward(x)[0])
