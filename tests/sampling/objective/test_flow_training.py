# SPDX-License-Identifier: Apache-2.0
"""Training flows from the energy and from data, where the answer is known: free field, exact 4 x 4 phi^4."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.act_norm import natural_scale
from isinglass.nets.flow.flow import Flow
from isinglass.nets.flow.fourier_scale import FourierScale, modes
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.systems.field.phi4 import Phi4, free_field
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

SHAPE, M2 = (4, 4), 1.0
LOG_Z = 2.6870456299  # free field, (V/2) ln 2π - ½ Σ_p ln(p̂² + m²)
FAST = Training(Optimizer("adam", 0.03, schedule="cosine"), steps=200, block=50)


def precision():
    """p̂² + m² of every mode."""
    axis = 4 * np.sin(np.pi * np.arange(4) / 4) ** 2
    return axis[:, None] + axis[None, :] + M2


def exact_flow():
    """The free field itself, a(k) = -½ ln(p̂² + m²)."""
    layer = FourierScale(shape=SHAPE)
    first = np.unique(modes(SHAPE), return_index=True)[1]
    a = jnp.asarray(-0.5 * np.log(precision().ravel()[first]), jnp.float32)
    return Flow(StandardNormal(SHAPE), eqx.tree_at(lambda layer: layer.log_scale, layer, a))


@eqx.filter_jit
def gradients(loss, flow, keys):
    """Gradient by a(k) for each key, and the loss."""

    def one(key):
        (value, _), g = eqx.filter_value_and_grad(lambda flow: loss(key, flow, ()), has_aux=True)(flow)
        return value, g.bijection.log_scale

    return jax.lax.map(one, keys)


def test_at_the_target_every_weight_is_z_and_the_path_gradient_has_no_noise(key):
    flow, system, keys = exact_flow(), free_field(SHAPE, m2=M2), jax.random.split(key, 8)
    values, path = gradients(ReverseKL(system, 64, path=True), flow, keys)
    _, plain = gradients(ReverseKL(system, 64), flow, keys)
    assert np.allclose(values, -LOG_Z, atol=1e-4)
    assert float(jnp.abs(path).max()) < 1e-4
    assert float(jnp.abs(plain).max()) > 1e-2


class WithoutEntropy(ReverseKL):
    """Planted: the gradient forgets ln q."""

    def __call__(self, key, model, batch):
        x, _ = model.sample_with_log_prob(key, self.batch)
        return -jnp.mean(jax.vmap(self.system.log_weight)(x.astype(float))), {}


def test_path_gradient_and_plain_gradient_have_the_same_mean(key):
    """Away from the target; 10 components, largest deviation 4.5 standard errors: false alarm 7e-5."""
    flow = Flow(StandardNormal(SHAPE), FourierScale(shape=SHAPE))
    system = free_field(SHAPE, m2=M2)

    def deviation(first, second):
        a, b = (gradients(loss, flow, jax.random.split(k, 100))[1] for loss, k in ((first, key), (second, key)))
        a, b = np.asarray(a, float), np.asarray(b, float)
        error = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 100)
        return np.abs((a.mean(axis=0) - b.mean(axis=0)) / error).max()

    path, plain = ReverseKL(system, 256, path=True), ReverseKL(system, 256)
    assert deviation(path, plain) < 4.5
    assert deviation(WithoutEntropy(system, 256), plain) > 10


@pytest.mark.slow
def test_training_from_the_energy_reaches_the_bound_and_never_passes_it(key):
    """L >= -ln Z, which is exact for 4 x 4, lambda = 8; loss of 20 batches of 512, 4.5 standard errors."""
    system = Phi4((4, 4), m2=-4.0, lam=8.0)
    scale = natural_scale(system.log_weight, jax.random.normal(key, (64, 4, 4)))
    flow = eqx.filter_jit(spline_flow)(key, (4, 4), couplings=2, bins=4, hidden=(8,), radius=1, scale=scale)
    settings = Training(Optimizer("adam", 1e-2, schedule="cosine"), steps=150, block=50)
    trained = fit(key, flow, ReverseKL(system, 128), None, settings=settings)
    assert trained.status == "step limit"
    loss = eqx.filter_jit(lambda keys: jax.lax.map(lambda key: ReverseKL(system, 512)(key, trained.model, ()), keys))
    values, metrics = loss(jax.random.split(key, 20))
    mean, error = float(values.mean()), float(values.std()) / 20**0.5
    assert -2.40513896 - 4.5 * error < mean < -2.40513896 + 0.15
    assert float(metrics["ess"].mean()) > 0.7
    assert float(metrics["acceptance"].mean()) > 0.7
    wrong = mean - 0.9 * 16 * float(trained.model.bijection.parts[-1].log_scale[0])  # planted: the scale's Jacobian
    assert not -2.40513896 - 4.5 * error < wrong < -2.40513896 + 0.15


@pytest.mark.slow
def test_maximum_likelihood_reaches_the_entropy(key):
    """-<ln q> of fresh data is the entropy ½ Σ_k ln(2πe / (p̂² + m²)), never less; 4.5 standard errors of 4000."""
    x = exact_flow().sample(key, 12_000)
    flow = Flow(StandardNormal(SHAPE), FourierScale(shape=SHAPE))
    trained = fit(key, flow, NegativeLogLikelihood(), (x[:8000],), settings=FAST)
    surprise = -jax.vmap(lambda x: trained.model.log_prob(x))(x[8000:])
    entropy = 0.5 * np.log(2 * np.pi * np.e / precision()).sum()
    error = float(surprise.std()) / 4000**0.5
    assert abs(float(surprise.mean()) - entropy) < 4.5 * error + 0.02
    untrained = -jax.vmap(lambda x: flow.log_prob(x))(x[8000:])
    assert float(untrained.mean()) - entropy > 20 * error
    n = jnp.arange(6)
    weighted = NegativeLogLikelihood()(key, trained.model, (x[:6], 2.0 * (n < 3).astype(float)))[0]
    assert float(weighted) == pytest.approx(float(NegativeLogLikelihood()(key, trained.model, (x[:3],))[0]), rel=1e-5)


class NotANumber(Phi4):
    """A target that fails outside of |φ| < 1."""

    def energy(self, x):
        return jnp.where(jnp.abs(x).max() > 1, jnp.nan, jnp.sum(x * x))


@pytest.mark.parametrize("case", ["target", "rate"])
def test_training_that_diverges_says_so_and_keeps_the_last_good_flow(case, key):
    flow = Flow(StandardNormal(SHAPE), FourierScale(shape=SHAPE))
    system = NotANumber(SHAPE) if case == "target" else free_field(SHAPE, m2=0.01)
    settings = Training(Optimizer("sgd", 1e-3 if case == "target" else 1e3), steps=20, block=10)
    with jax.debug_nans(False):  # noqa: FBT003
        trained = fit(key, flow, ReverseKL(system, 16), None, settings=settings)
    assert trained.status.startswith("diverged at step")
    assert bool(jnp.isfinite(trained.model.bijection.log_scale).all())
