# SPDX-License-Identifier: Apache-2.0
"""Flow matching: the exact velocity between Gaussians, the monotone map of one dimension, optimal pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm

from isinglass.nets.density import StandardNormal
from isinglass.nets.transport.continuous_flow import ContinuousFlow, Transport
from isinglass.nets.transport.velocity import AbstractVelocity, DenseVelocity
from isinglass.sampling.objective.flow_matching import FlowMatching, optimal_pairs
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

MEAN, SIGMA = 1.5, 0.5


class Gaussian(AbstractVelocity):
    """Exact v from N(0, 1) to N(m, s²): m + [(t s² - (1-t))/(t² s² + (1-t)²)] (x - t m); `off` is a planted error."""

    off: float = 0.0
    shape: tuple[int, ...] = (1,)

    def __call__(self, t, x):
        slope = (t * SIGMA**2 - (1 - t)) / (t**2 * SIGMA**2 + (1 - t) ** 2)
        return MEAN + self.off + slope * (x - t * MEAN)

    def with_divergence(self, t, x):
        return self(t, x), x.size * (t * SIGMA**2 - (1 - t)) / (t**2 * SIGMA**2 + (1 - t) ** 2)


@pytest.mark.slow
def test_exact_velocity_between_gaussians_is_the_minimum_and_carries_one_to_the_other(key):
    """The loss at the exact velocity is the conditional variance; 0.1 more velocity costs 0.1² more, and is seen."""
    x1 = MEAN + SIGMA * jax.random.normal(key, (100_000, 1), jnp.float32)
    flows = [ContinuousFlow(StandardNormal((1,)), Transport(Gaussian(off), steps=32)) for off in (0.0, 0.1)]
    losses = [float(FlowMatching()(key, flow, (x1,))[0]) for flow in flows]
    assert abs(losses[1] - losses[0] - 0.01) < 4e-3  # the cross term: 2 x 0.1 x sqrt(var / n), 4.5 sigma
    x = jnp.linspace(0.0, 3.0, 13, dtype=jnp.float32)[:, None]
    log_q = jax.vmap(flows[0].log_prob)(x)
    exact = norm.logpdf(np.asarray(x[:, 0]), MEAN, SIGMA)
    assert np.abs(np.asarray(log_q) - exact).max() < 1e-3
    assert np.abs(np.asarray(jax.vmap(flows[1].log_prob)(x)) - exact).max() > 0.05


@pytest.mark.slow
def test_learned_flow_of_one_dimension_is_the_optimal_transport_map(key):
    """x(1) = F⁻¹(Φ(z)), F the law of the data (two normal modes): the only monotone map there is."""
    key_data, key_net, key_fit = jax.random.split(key, 3)
    signs = jnp.where(jax.random.bernoulli(key_data, 0.5, (20_000, 1)), 1.5, -1.5)
    data = (signs + 0.6 * jax.random.normal(key_net, (20_000, 1))).astype(jnp.float32)
    flow = ContinuousFlow(
        StandardNormal((1,)), Transport(DenseVelocity(key=key_net, shape=(1,), hidden=(48, 48)), steps=16)
    )
    settings = Training(steps=1500, batch_size=512, block=500, ema=0.99, optimizer=Optimizer("adam", 5e-3, "cosine"))
    model = fit(key_fit, flow, FlowMatching(), (data,), settings=settings).model
    z = jnp.linspace(-1.8, 1.8, 25, dtype=jnp.float32)[:, None]
    image = np.asarray(jax.jit(jax.vmap(model.transport.move))(z))[:, 0]
    grid = np.linspace(-5, 5, 4001)
    exact = np.interp(norm.cdf(np.asarray(z[:, 0])), (norm.cdf(grid, 1.5, 0.6) + norm.cdf(grid, -1.5, 0.6)) / 2, grid)
    error = np.abs(image - exact)
    assert np.median(error) < 0.06
    assert error.max() < 0.35  # between the modes the map is steep
    assert np.median(np.abs(image + 0.2 - exact)) > 0.1  # planted: a map that is 0.2 off is seen


def test_optimal_pairs_are_those_of_the_assignment_problem(key):
    """Equal cost to SciPy's solver, and sorted in one dimension; unpaired draws cost far more."""
    a, b = jax.random.normal(key, (2, 64, 3), jnp.float32)
    order = np.asarray(jax.jit(optimal_pairs)(a, b))
    assert sorted(order) == list(range(64))
    cost = np.sum((np.asarray(b)[:, None] - np.asarray(a)[None]) ** 2, axis=-1)
    rows, columns = linear_sum_assignment(cost)
    assert abs(cost[np.arange(64), order].sum() / cost[rows, columns].sum() - 1) < 1e-5
    assert cost[np.arange(64), np.arange(64)].sum() > 1.5 * cost[rows, columns].sum()
    order = np.asarray(optimal_pairs(a[:, :1], b[:, :1]))
    pairs = np.asarray(a[:, 0])[order][np.argsort(np.asarray(b[:, 0]))]
    assert (np.diff(pairs) >= 0).all()


@pytest.mark.slow
def test_optimal_pairs_make_paths_straighter(key):
    """The loss that is left, the variance of x_1 - x_0 at given (t, x_t), is smaller."""
    data = 3.0 * jnp.sign(jax.random.normal(key, (128, 2), jnp.float32))
    flow = ContinuousFlow(StandardNormal((2,)), Transport(DenseVelocity(key=key, shape=(2,), hidden=(16,))))
    settings = Training(steps=300, batch_size=128, block=100, optimizer=Optimizer("adam", 5e-3))
    left = [
        float(np.mean(fit(key, flow, FlowMatching(optimal=optimal), (data,), settings=settings).history.loss[-1]))
        for optimal in (False, True)
    ]
    assert left[1] < 0.5 * left[0]


def test_weights_of_mean_one_count(key):
    flow = ContinuousFlow(StandardNormal((1,)), Transport(Gaussian()))
    x = jax.random.normal(key, (512, 1), jnp.float32)
    plain, equal, none = (
        float(FlowMatching()(key, flow, batch)[0]) for batch in ((x,), (x, jnp.ones(512)), (x, jnp.zeros(512)))
    )
    assert plain == pytest.approx(equal)
    assert none == 0.0
