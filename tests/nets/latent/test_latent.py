# SPDX-License-Identifier: Apache-2.0
"""Bounds of autoencoders against quadrature and SciPy; adversarial and Langevin training against exact gradients."""

import os
import signal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from isinglass.errors import Interrupted
from isinglass.nets.latent.adversarial_pair import Critic
from isinglass.nets.latent.gaussian_vae import GaussianVAE
from isinglass.nets.layer.mlp import MLP
from isinglass.run.model_file import load_model, save_model
from isinglass.sampling.objective import adversarial as adv
from isinglass.sampling.objective import langevin_likelihood as deep
from isinglass.sampling.objective.variational_bound import VariationalBound
from isinglass.systems.learned_energy import LearnedEnergy

RNG = np.random.default_rng(0)


def linear_vae(D=3, latent=1):
    return GaussianVAE(key=jax.random.key(0), in_shape=(D,), latent=latent, hidden=(), dtype="float64")


def log_normal(model, x):
    """ln N(x; m, WWᵀ + σ²), by SciPy."""
    layer = model.decoder.layers[0]
    W = np.asarray(layer.weight)
    C = W @ W.T + float(np.exp(2 * model.log_noise)) * np.eye(len(W))
    return multivariate_normal.logpdf(x, np.asarray(layer.bias), C)


def with_posterior(model):
    """The encoder of the exact posterior: s² = σ²/(|w|² + σ²), m = wᵀ(x - m)/(|w|² + σ²)."""
    w, bias = (np.asarray(a) for a in (model.decoder.layers[0].weight[:, 0], model.decoder.layers[0].bias))
    noise = float(np.exp(2 * model.log_noise))
    M = w @ w + noise
    weight = np.stack([w / M, np.zeros_like(w)])
    shift = np.array([-w @ bias / M, 0.5 * np.log(noise / M)])
    layer = model.encoder.layers[0]
    return eqx.tree_at(lambda m: (m.encoder.layers[0].weight, m.encoder.layers[0].bias), model,
                       (layer.weight * 0 + weight, layer.bias * 0 + shift))  # fmt: skip


def test_with_the_exact_posterior_every_bound_is_the_likelihood(key):
    """Of a linear model, for any z and any k; by quadrature too.  Planted: another q lowers it."""
    model, x = with_posterior(linear_vae()), jnp.asarray(RNG.normal(size=(20, 3)))
    exact = log_normal(model, np.asarray(x))
    keys = jax.random.split(key, 20)
    for bound in (lambda k, x: model.elbo(k, x), lambda k, x: model.bound(k, x, 1), lambda k, x: model.bound(k, x, 8),
                  lambda k, x: model.log_prob_by_quadrature(x)):  # fmt: skip
        np.testing.assert_allclose(jax.vmap(bound)(keys, x), exact, atol=1e-9)
    other = eqx.tree_at(lambda m: m.encoder.layers[0].bias, model, model.encoder.layers[0].bias + 0.5)
    lower = np.asarray(jax.vmap(lambda k, x: other.elbo(k, x))(keys, x))
    assert (lower < exact - 0.01).all()
    spread = jnp.asarray(RNG.normal(size=(4, 1)))
    with_log = jax.vmap(lambda z: model.log_likelihood(x[0], z))(spread)
    noise = float(np.exp(2 * model.log_noise))
    means = np.asarray(jax.vmap(model.decode)(spread))
    exact = [multivariate_normal.logpdf(np.asarray(x[0]), m, noise * np.eye(3)) for m in means]
    np.testing.assert_allclose(with_log, exact, atol=1e-12)


def test_the_mean_of_one_sample_is_the_closed_form(key):
    """4000 samples of ln w of a linear model, within 4.5 errors of its bound; weights of the divergence count."""
    model, x = linear_vae(), jnp.asarray(RNG.normal(size=3))
    log_w = np.asarray(jax.vmap(lambda k: model.log_weight(k, x))(jax.random.split(key, 4000)))
    elbo = float(model.elbo(key, x))
    assert abs(log_w.mean() - elbo) < 4.5 * log_w.std() / 4000**0.5
    kl = float(model.divergences(x).sum())
    assert float(model.elbo(key, x, 3.0)) == pytest.approx(elbo - 2 * kl)
    m, log_s = model.posterior(x)
    z = np.asarray(m) + np.exp(np.asarray(log_s)) * RNG.normal(size=200_000)
    ratio = -0.5 * ((z - np.asarray(m)) / np.exp(np.asarray(log_s))) ** 2 - np.asarray(log_s) + 0.5 * z**2
    assert abs(ratio.mean() - kl) < 4.5 * ratio.std() / 200_000**0.5


def test_a_network_has_samples_of_its_density(key):
    """<x> and <x x> of draws beside quadrature over the latent; bounds of more samples are higher, below ln p."""
    model = GaussianVAE(key=key, in_shape=(2,), latent=1, hidden=(8,), dtype="float64")
    model = eqx.tree_at(lambda m: m.decoder.layers[-1].weight, model, replace_fn=lambda W: 2 * W)
    x = np.asarray(jax.vmap(model.draw)(jax.random.split(key, 20_000)))
    z = np.linspace(-7, 7, 1401)
    p = np.exp(-0.5 * z**2) / np.exp(-0.5 * z**2).sum()
    f = np.asarray(jax.vmap(model.decode)(jnp.asarray(z[:, None])))
    for found, exact in ((x[:, 0], p @ f[:, 0]), (x[:, 1] ** 2, p @ f[:, 1] ** 2 + float(np.exp(2 * model.log_noise)))):
        assert abs(found.mean() - exact) < 4.5 * found.std() / 20_000**0.5
    rows = jnp.asarray(x[:2000])
    exact = np.asarray(jax.vmap(model.log_prob_by_quadrature)(rows))
    bounds = [np.asarray(jax.vmap(lambda k, x, n=n: model.bound(k, x, n))(jax.random.split(key, 2000), rows)) - exact
              for n in (1, 8)]  # fmt: skip
    grown = bounds[1] - bounds[0]
    assert grown.mean() > -4.5 * grown.std() / 2000**0.5
    for gap in bounds:
        assert gap.mean() < 4.5 * gap.std() / 2000**0.5
    elbo = np.asarray(jax.vmap(model.elbo)(jax.random.split(key, 2000), rows)) - exact
    assert elbo.mean() < 4.5 * elbo.std() / 2000**0.5


def test_the_loss_is_minus_the_mean_bound(key):
    model, x = linear_vae(), jnp.asarray(RNG.normal(size=(5, 3)))
    keys = jax.random.split(key, 5)
    for loss, bound in ((VariationalBound(2.0), lambda k, x: model.elbo(k, x, 2.0)),
                        (VariationalBound(samples=4), lambda k, x: model.bound(k, x, 4))):  # fmt: skip
        assert float(loss(key, model, (x,))[0]) == pytest.approx(-float(jax.vmap(bound)(keys, x).mean()))


def constant_slope(a):
    """T(x) = a x."""
    critic = Critic(key=jax.random.key(0), in_shape=(1,), hidden=())
    layer = critic.net.layers[0]
    return eqx.tree_at(lambda c: (c.net.layers[0].weight, c.net.layers[0].bias), critic,
                       (jnp.full_like(layer.weight, a), jax.tree.map(jnp.zeros_like, layer.bias)))  # fmt: skip


def test_losses_of_a_linear_critic_by_hand(key):
    x, y = jnp.array([[1.0], [3.0]], jnp.float32), jnp.array([[-2.0], [0.0]], jnp.float32)
    critic, sigmoid = constant_slope(1.5), lambda t: 1 / (1 + np.exp(-t))
    loss, told = adv.Adversarial(penalty=0.2)(key, critic, (x, y))
    value = np.log(sigmoid(1.5 * np.array([1.0, 3.0]))).mean() + np.log(1 - sigmoid(1.5 * np.array([-2.0, 0.0]))).mean()
    assert float(told["value"]) == pytest.approx(value, rel=1e-5)
    assert float(loss) == pytest.approx(0.5 * 0.2 * 1.5**2 - value, rel=1e-5)
    loss, _ = adv.Adversarial("wasserstein", 2.0)(key, critic, (x, y))
    assert float(loss) == pytest.approx(2.0 * 0.5**2 - 1.5 * 3.0, rel=1e-5)
    for a, sides, penalty in ((0.5, False, 0.0), (0.5, True, 2.0 * 0.25)):
        loss, _ = adv.Adversarial("wasserstein", 2.0, sides)(key, constant_slope(a), (x, y))
        assert float(loss) == pytest.approx(penalty - a * 3.0, rel=1e-5)
    generator = adv.Adversarial().of_generator(critic, y)
    assert float(generator) == pytest.approx(-np.log(sigmoid(1.5 * np.array([-2.0, 0.0]))).mean(), rel=1e-5)
    assert float(adv.Adversarial("wasserstein").of_generator(critic, y)) == pytest.approx(1.5, rel=1e-5)
    with pytest.raises(ValueError, match="a kind among"):
        adv.Adversarial("saturating")


def test_a_generator_learns_a_normal_law(key):
    """Mean 1 and width ½ within a tenth: no linear generator can stay where it began.  A stopped run goes on."""
    x = (1 + 0.5 * RNG.normal(size=(2000, 1))).astype(np.float32)
    pair = adv.untrained_pair(key, 1, latent=1, hidden=(16,))
    found = adv.train_pair(key, pair, x, adv.AdversarialTraining(steps=800, batch=128, critic_steps=3, rate=1e-2))
    y = np.asarray(found.pair.generator.sample(key, 4000))
    assert abs(y.mean() - 1) < 0.1
    assert abs(y.std() - 0.5) < 0.1
    assert found.diverged is None


def test_an_interrupted_pair_goes_on_bit_for_bit(key, tmp_path):
    x, how = RNG.normal(size=(100, 2)), adv.AdversarialTraining(steps=40, batch=16)
    pair = adv.untrained_pair(key, 2, hidden=(4,))
    whole = adv.train_pair(key, pair, x, how)
    stop = lambda done, total, message: os.kill(os.getpid(), signal.SIGINT) if done == 7 else None  # noqa: E731
    with pytest.raises(Interrupted):
        adv.train_pair(key, pair, x, how, checkpoint=tmp_path / "pair", progress=stop)
    again = adv.train_pair(key, pair, x, how, checkpoint=tmp_path / "pair")
    for a, b in zip(jax.tree.leaves(whole.pair), jax.tree.leaves(again.pair), strict=True):
        assert np.array_equal(a, b)


def quadratic(a):
    """E(z) = ½ z² + a z: a linear net."""
    net = MLP(key=jax.random.key(0), in_shape=1, out=1, hidden=())
    layer = net.layers[0]
    return eqx.tree_at(
        lambda n: (n.layers[0].weight, n.layers[0].bias),
        net,
        (jnp.full_like(layer.weight, a), jax.tree.map(jnp.zeros_like, layer.bias)),
    )


@pytest.mark.parametrize("adjusted", [False, True])
def test_chains_of_a_step_have_their_stationary_law(key, adjusted):
    """Of E = ½ z²: variance 1/(1 - ε/2) unadjusted, 1 with the Metropolis test; 20 000 chains, 4.5 errors.

    Resolution: 5 % of the variance, a tenth of what one step without noise, or of twice the noise, changes.
    """
    how = deep.LangevinLikelihood(sweeps=40, step_size=0.4, adjusted=adjusted)
    system = LearnedEnergy(quadratic(0.0), np.zeros(1), np.ones(1))
    x = jax.random.normal(key, (20_000, 1), jnp.float32)
    moved = np.asarray(deep.moved(key, x, system, how), float)
    exact = 1.0 if adjusted else 1 / (1 - 0.2)
    assert abs(moved.var() / exact - 1) < 4.5 * (2 / 20_000) ** 0.5


def test_a_deep_energy_learns_a_shifted_normal_law(key):
    """Rows of N(1, 1): E = ½ z² + a z with a = -1, within 0.1; <E> of data and chains meet."""
    x = 1 + RNG.normal(size=(4000, 1))
    how = deep.LangevinLikelihood(steps=400, batch=256, sweeps=10, step_size=0.05, rate=2e-2)
    found = deep.train_energy(key, quadratic(0.0), x, how)
    weight = float(found.system.net.layers[0].weight[0, 0])  # pyright: ignore
    assert abs(weight + 1) < 0.1
    assert abs(found.history["apart"][-5:].mean()) < 0.2


def test_a_learned_energy_in_other_units_is_saved_and_loaded(key, tmp_path):
    net = MLP(key=key, in_shape=4, out=1, hidden=(4,), activation="tanh")
    system = LearnedEnergy(net, np.full((2, 2), 3.0), np.full((2, 2), 2.0))
    z = RNG.normal(size=(2, 2))
    E = float(system.energy(jnp.asarray(3.0 + 2.0 * z)))
    assert E == pytest.approx(0.5 * (z**2).sum() + float(net(jnp.asarray(z.ravel()))[0]), rel=1e-5)
    save_model(tmp_path, system)
    assert float(load_model(tmp_path).energy(jnp.asarray(3.0 + 2.0 * z))) == E
    vae = GaussianVAE(key=key, in_shape=(2,), hidden=(4,))
    save_model(tmp_path, vae)
    assert np.array_equal(load_model(tmp_path).draw(key), vae.draw(key))
