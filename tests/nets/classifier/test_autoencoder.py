# SPDX-License-Identifier: Apache-2.0
"""Autoencoder against PCA; the variational bound against the exact likelihood it bounds."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.classifier.autoencoder import Autoencoder
from isinglass.nets.classifier.vae import VAE
from isinglass.training.fit import fit
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training


def test_linear_autoencoder_reaches_the_pca_error(key):
    """Row 119: error within 1e-6 of PCA's (and never below), the same subspace."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 6)) * np.asarray([3.0, 2.0, 1.0, 0.5, 0.3, 0.2])
    x -= x.mean(axis=0)
    _, singular, directions = np.linalg.svd(x, full_matrices=False)
    pca = (singular[2:] ** 2).sum() / 40
    net = Autoencoder(key=key, in_shape=(6,), latent=2, hidden=(), dtype="float64")
    settings = Training(Optimizer(learning_rate=1e-2, schedule="exponential", decay=1e-3), steps=6000, block=3000)
    trained = fit(key, net, MeanSquare(), (x, x), settings=settings)
    error = ((np.asarray(jax.vmap(trained.model)(jnp.asarray(x))) - x) ** 2).sum() / 40
    assert -1e-12 < error - pca < 1e-6
    plane, _ = np.linalg.qr(np.asarray(trained.model.decoder.layers[0].weight))
    cosines = np.linalg.svd(directions[:2] @ plane, compute_uv=False)
    assert np.arccos(np.clip(cosines, 0, 1)).max() < 1e-3
    cosines = np.linalg.svd(directions[1:3] @ plane, compute_uv=False)  # planted: the wrong subspace
    assert np.arccos(np.clip(cosines, 0, 1)).max() > 1


def exact_log_likelihood(net, x):
    """The number log p(x), log of the integral of N(z) p(x given z) over z, by quadrature."""
    z = np.linspace(-8, 8, 801)
    logits = np.asarray(jax.vmap(lambda z: net.decoder(z[None]))(jnp.asarray(z)))
    log_terms = -np.logaddexp(0, -logits @ np.diag(x)).sum(axis=1) - z**2 / 2 - np.log(2 * np.pi) / 2
    return np.log(np.exp(log_terms).sum() * (z[1] - z[0]))


def test_elbo_bounds_the_exact_likelihood(key):
    """Every x of 4 spins: mean of 4000 estimates lies below log p(x) (5 sigma); p sums to 1; log p + 0.5 is caught."""
    net = VAE(key=key, in_shape=(2, 2), latent=1, hidden=(8,), dtype="float64")
    configurations = np.asarray(list(product([-1, 1], repeat=4)))
    exact = np.asarray([exact_log_likelihood(net, x) for x in configurations])
    assert abs(np.exp(exact).sum() - 1) < 1e-9
    keys = jax.random.split(key, 4000)
    elbo = jax.jit(jax.vmap(lambda x: jax.vmap(lambda key: net.elbo(key, x))(keys)))(
        jnp.asarray(configurations.reshape(-1, 2, 2))
    )
    mean, error = np.asarray(elbo.mean(axis=1)), np.asarray(elbo.std(axis=1)) / 4000**0.5
    assert (mean < exact + 5 * error).all()
    assert not (mean + 0.5 < exact + 5 * error).all()  # planted: a bound that is too high
