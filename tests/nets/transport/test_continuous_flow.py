# SPDX-License-Identifier: Apache-2.0
"""Continuous flows: divergence, order of the solver, closed form, normalization, symmetry, storage; planted errors."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.linalg import expm

from isinglass.nets.density import StandardNormal
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.transport.graph_velocity import GraphVelocity
from isinglass.nets.transport.mean_free import MeanFreeNormal, mean_free
from isinglass.nets.transport.pair_velocity import PairVelocity
from isinglass.nets.transport.velocity import AbstractVelocity, DenseVelocity, divergence_estimate
from isinglass.run.model_file import load_generator, load_model, save_model

PARTICLES = (4, 2)
SPECIES = (0, 0, 1, 1)
KINDS = {
    "dense": partial(DenseVelocity, shape=PARTICLES, hidden=(8,)),
    "pair": partial(PairVelocity, shape=PARTICLES, species=SPECIES, kernels=6, reach=3.0),
    "graph": partial(GraphVelocity, shape=PARTICLES, species=SPECIES, hidden=4, layers=2),
}
EQUIVARIANT = ("pair", "graph")


def shaken(model, key, scale=0.2):
    """All parameters moved, so that nothing is zero by construction."""
    arrays, rest = eqx.partition(model, eqx.is_inexact_array)
    leaves, tree = jax.tree.flatten(arrays)
    keys = jax.random.split(key, len(leaves))
    leaves = [a + scale * jax.random.normal(k, a.shape, a.dtype) for a, k in zip(leaves, keys, strict=True)]
    return eqx.combine(jax.tree.unflatten(tree, leaves), rest)


@eqx.filter_jit
def log_probs(flow, x):
    """ln q of every row."""
    return jax.vmap(flow.log_prob)(x)


def made(kind, key, dtype="float64"):
    return shaken(KINDS[kind](key=key, dtype=dtype), key)


def flow_of(velocity, **options):
    base = (
        MeanFreeNormal(PARTICLES) if isinstance(velocity, (PairVelocity, GraphVelocity)) else StandardNormal(PARTICLES)
    )
    return ContinuousFlow(base, Transport(velocity, **options))


class Linear(AbstractVelocity):
    """v = A x: x(1) = exp(A) x(0), ln|det| = tr A.  `term` scales the divergence: 1 is right."""

    A: jax.Array
    term: float = 1.0

    @property
    def shape(self):
        return (self.A.shape[0],)

    def __call__(self, t, x):
        return self.A @ x

    def with_divergence(self, t, x):
        return self.A @ x, self.term * jnp.trace(self.A)


def divergence_error(velocity, t, x):
    """Claimed ∇·v against the trace of the full Jacobian."""
    jacobian = jax.jacrev(lambda flat: velocity(t, flat.reshape(x.shape)).ravel())(x.ravel())
    v, divergence = velocity.with_divergence(t, x)
    return jnp.maximum(jnp.abs(divergence - jnp.trace(jacobian)), jnp.abs(v - velocity(t, x)).max())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_divergence_is_the_trace_of_the_jacobian(kind, key):
    velocity = made(kind, key)
    x = jax.random.normal(key, PARTICLES)
    assert float(eqx.filter_jit(divergence_error)(velocity, jnp.asarray(0.3), x)) < 1e-10


def test_a_missing_term_of_the_divergence_is_caught(key):
    """Planted: D φ without d φ', or a trace that is 1 % off."""
    x = jax.random.normal(key, (3,))
    assert float(divergence_error(Linear(jnp.eye(3), 0.99), jnp.asarray(0.0), x)) > 1e-3


@pytest.mark.slow
def test_linear_flow_has_its_closed_form(key):
    """The solvers' orders in the step for x(1) = exp(A) z, and the density of the Gaussian it makes."""
    A = jax.random.normal(key, (3, 3))
    z = jax.random.normal(jax.random.key(1), (3,))
    exact = expm(A) @ z

    def error(solver, steps):
        transport = Transport(Linear(A), steps=steps, solver=solver)
        return float(jnp.abs(eqx.filter_jit(transport.forward)(z)[0] - exact).max())

    for solver, order in (("heun", 2), ("rk4", 4), ("bosh3", 3), ("tsit5", 5)):
        slope = np.log2(error(solver, 16) / error(solver, 32))
        assert abs(slope - order) < 0.35, solver
    flow = ContinuousFlow(StandardNormal((3,)), Transport(Linear(A), steps=64))
    covariance = expm(A) @ expm(A).T
    gaussian = jax.scipy.stats.multivariate_normal.logpdf(exact, jnp.zeros(3), covariance)
    assert abs(float(eqx.filter_jit(flow.log_prob)(exact) - gaussian)) < 1e-7
    wrong = ContinuousFlow(StandardNormal((3,)), Transport(Linear(A, 0.99), steps=64))
    assert abs(float(eqx.filter_jit(wrong.log_prob)(exact) - gaussian)) > 1e-4


def test_tolerance_is_kept(key):
    A = jax.random.normal(key, (3, 3))
    z = jax.random.normal(jax.random.key(1), (3,))
    transport = Transport(Linear(A), steps=2, solver="tsit5", tolerance=1e-9)
    assert float(jnp.abs(eqx.filter_jit(transport.forward)(z)[0] - expm(A) @ z).max()) < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_inverse_undoes_and_the_log_determinant_is_that_of_the_map(kind, key):
    velocity = made(kind, key)
    transport = Transport(velocity, steps=64)
    z = mean_free(jax.random.normal(key, PARTICLES))

    @eqx.filter_jit
    def check(transport, z):
        x, forward = transport.forward(z)
        back, inverse = transport.inverse(x)
        jacobian = jax.jacfwd(lambda flat: transport.move(flat.reshape(PARTICLES)).ravel())(z.ravel())
        exact = jnp.linalg.slogdet(jacobian)[1]
        return jnp.stack([jnp.abs(back - z).max(), jnp.abs(forward + inverse), jnp.abs(forward - exact)])

    assert float(check(transport, z).max()) < 1e-4


def total_probability(flow):
    """∫ q over a square of side 16 in the plane."""
    grid = np.linspace(-8, 8, 160, endpoint=False)
    points = jnp.asarray(np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1).reshape(-1, 2))
    log_q = log_probs(flow, points)
    return float(jnp.exp(log_q.astype(float)).sum()) * 0.1**2


def test_density_is_normalized_in_the_plane(key):
    velocity = shaken(DenseVelocity(key=key, shape=(2,), hidden=(16,)), key, 0.4)
    flow = ContinuousFlow(StandardNormal((2,)), Transport(velocity))
    assert abs(total_probability(flow) - 1) < 1e-3

    class Wrong(AbstractVelocity):
        """Planted: a divergence with a tenth too little."""

        velocity: AbstractVelocity

        @property
        def shape(self):
            return self.velocity.shape

        def __call__(self, t, x):
            return self.velocity(t, x)

        def with_divergence(self, t, x):
            v, divergence = self.velocity.with_divergence(t, x)
            return v, 0.9 * divergence

    assert abs(total_probability(ContinuousFlow(flow.base, Transport(Wrong(velocity)))) - 1) > 5e-3


def images():
    """What leaves the density of particles as it is: rotation, reflection, permutation in a species, shift."""
    c, s = np.cos(0.7), np.sin(0.7)
    rotation = jnp.asarray([[c, -s], [s, c]])
    return {
        "rotation": lambda x: x @ rotation.T,
        "reflection": lambda x: x * jnp.asarray([[-1.0, 1.0]]),
        "permutation": lambda x: x[jnp.asarray([1, 0, 3, 2])],
        "translation": lambda x: x + jnp.asarray([[0.4, -1.1]]),
    }


def density_change(flow, image, key):
    """Largest |ln q(g x) - ln q(x)| over 8 configurations."""
    x = jax.vmap(mean_free)(jax.random.normal(key, (8, *PARTICLES)))
    return float(jnp.abs(log_probs(flow, jax.vmap(image)(x)) - log_probs(flow, x)).max())


@pytest.mark.parametrize("kind", EQUIVARIANT)
def test_density_of_particles_has_their_symmetry(kind, key):
    """Law: E(n) and permutations within a species; and species are told apart, which no symmetry hides."""
    flow = flow_of(made(kind, key))
    for name, image in images().items():
        assert density_change(flow, image, key) < 1e-9, name
    assert density_change(flow, lambda x: x[jnp.asarray([2, 1, 0, 3])], key) > 1e-4


def test_a_network_without_the_symmetry_is_seen(key):
    flow = flow_of(made("dense", key))
    assert all(density_change(flow, image, key) > 1e-3 for image in images().values())


@pytest.mark.slow
@pytest.mark.parametrize("kind", EQUIVARIANT)
def test_the_center_of_mass_stays(kind, key):
    flow = flow_of(made(kind, key, "float32"))
    x, log_q = eqx.filter_jit(lambda flow, key: flow.sample_with_log_prob(key, 16))(flow, key)
    assert float(jnp.abs(x.mean(axis=1)).max()) < 1e-5
    again = log_probs(flow, x)
    assert float(jnp.abs(again - log_q).max()) < 2e-2  # of 12 steps of order 4, and float32
    assert float(jnp.std(log_q)) > 0.1


def test_mean_free_normal_is_normalized(key):
    """n = 2 in one dimension: the subspace is the line (u, -u)/√2, and ∫ q du = 1."""
    base = MeanFreeNormal((2, 1), 0.7)
    u = jnp.linspace(-8.0, 8.0, 2001)
    points = jnp.stack([u, -u], axis=1)[:, :, None] / np.sqrt(2)
    assert abs(float(jnp.exp(jax.vmap(base.log_prob)(points)).sum()) * 0.008 - 1) < 1e-6
    x = base.sample(key, 20_000)
    assert abs(float(jnp.sum(x**2, axis=(1, 2)).mean()) / 0.7**2 - 1) < 0.05  # one degree of freedom: 5 sigma


@pytest.mark.slow
def test_hutchinson_is_unbiased_and_only_while_training(key):
    """The mean over 4000 probes within 4.5 standard errors of the trace; 0.1 more is seen."""
    velocity = made("dense", key)
    x = jax.random.normal(key, PARTICLES)
    exact = velocity.with_divergence(jnp.asarray(0.3), x)[1]
    f = partial(velocity, jnp.asarray(0.3))
    draws = jax.vmap(lambda k: divergence_estimate(k, f, x, 1)[1])(jax.random.split(key, 4000))
    error = float(draws.std()) / 4000**0.5
    assert abs(float(draws.mean() - exact)) < 4.5 * error
    assert abs(float(draws.mean() - exact - 0.1)) > 4.5 * error
    flow = ContinuousFlow(StandardNormal(PARTICLES), Transport(velocity), probes=1)
    exact = eqx.filter_jit(flow.log_prob)(x)
    estimate = eqx.filter_jit(lambda flow, keys: jax.vmap(flow.log_prob_estimate, in_axes=(0, None))(keys, x))
    estimates = estimate(flow, jax.random.split(key, 512))
    assert abs(float(estimates.mean() - exact)) < 4.5 * float(estimates.std()) / 512**0.5
    assert float(estimates.std()) > 1e-3
    trained = eqx.nn.inference_mode(flow)
    assert abs(float(trained.log_prob_estimate(key, x) - exact)) < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_continuous_flows_come_back_bit_for_bit(kind, key, tmp_path):
    flow = eqx.nn.inference_mode(flow_of(made(kind, key, "float32"), solver="heun", steps=4))
    save_model(tmp_path, flow)
    assert bool(eqx.tree_equal(flow, load_model(tmp_path)))
    with pytest.raises(ValueError, match=r"one for \(4, 2\)"):
        load_generator(tmp_path, (5, 2))


def test_wrong_settings_are_refused(key):
    with pytest.raises(ValueError, match="solver"):
        Transport(Linear(jnp.eye(2)), solver="euler99")
    with pytest.raises(ValueError, match="one shape"):
        ContinuousFlow(StandardNormal((3,)), Transport(Linear(jnp.eye(2))))
    with pytest.raises(ValueError, match="species"):
        PairVelocity(key=key, shape=(4, 2), species=(0, 1))
    with pytest.raises(ValueError, match="particles"):
        MeanFreeNormal((4,))
