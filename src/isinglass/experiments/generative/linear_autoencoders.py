# SPDX-License-Identifier: Apache-2.0
"""Linear autoencoders of normal rows, trained in double precision on all rows at once."""

from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from isinglass.exact.generative import probabilistic_pca as pca
from isinglass.nets.classifier.autoencoder import Autoencoder
from isinglass.nets.latent.gaussian_vae import GaussianVAE
from isinglass.sampling.objective.variational_bound import VariationalBound
from isinglass.training.fit import fit
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["LinearVAE", "NormalRows", "fitted_autoencoder", "fitted_vae", "normal_rows", "reconstruction_error"]


class NormalRows(NamedTuple):
    """Rows of mean 0 with the eigenvalues of their own covariance, largest first."""

    x: Float[np.ndarray, "n D"]
    covariance: Float[np.ndarray, "D D"]
    eigenvalues: Float[np.ndarray, " D"]


class LinearVAE(NamedTuple):
    """A trained model and what it reached, on the rows that it was trained on."""

    model: GaussianVAE
    weights: Float[np.ndarray, "D d"]
    noise: float  # σ²
    objective: float  # <ln p(x|z)> - β KL
    log_likelihood: float
    divergences: Float[np.ndarray, " d"]  # of each latent, smallest first


def normal_rows(seed: int, n: int, D: int, strong: tuple[float, ...]) -> NormalRows:
    """n rows of D entries: some strong directions above noise of variance 0.5, rotated at random."""
    rng = np.random.default_rng(seed)
    variance = np.concatenate([strong, np.linspace(0.6, 0.4, D - len(strong))])
    rotation = np.linalg.qr(rng.normal(size=(D, D)))[0]
    x = rng.normal(size=(n, D)) * np.sqrt(variance) @ rotation.T
    x -= x.mean(axis=0)
    C = np.cov(x, rowvar=False, ddof=0)
    return NormalRows(x, C, np.linalg.eigvalsh(C)[::-1])


def schedule(rows: NormalRows, steps: int) -> Training:
    """Adam on all rows."""
    return Training(Optimizer("adam", 2e-2, "cosine"), steps=steps, batch_size=len(rows.x), block=steps // 4)


def fitted_autoencoder(key: Any, rows: NormalRows, d: int, steps: int) -> Autoencoder:
    """decode(encode(x)) without hidden layers."""
    key_net, key_fit = jax.random.split(key)
    blank = Autoencoder(key=key_net, in_shape=rows.x.shape[1:], latent=d, hidden=(), dtype="float64")
    return fit(key_fit, blank, MeanSquare(), (rows.x, rows.x), settings=schedule(rows, steps)).model


def reconstruction_error(model: Autoencoder, rows: NormalRows) -> float:
    """<|x - decode(encode(x))|²>."""
    return float(((np.asarray(jax.vmap(model)(jax.numpy.asarray(rows.x))) - rows.x) ** 2).sum(axis=1).mean())


def fitted_vae(key: Any, rows: NormalRows, d: int, beta: float, steps: int) -> LinearVAE:
    """A variational autoencoder without hidden layers, whose bound needs no samples."""
    key_net, key_fit = jax.random.split(key)
    blank = GaussianVAE(key=key_net, in_shape=rows.x.shape[1:], latent=d, hidden=(), dtype="float64")
    model = fit(key_fit, blank, VariationalBound(beta), (rows.x,), settings=schedule(rows, steps)).model
    layer = model.decoder.layers[0]
    W, noise = np.asarray(layer.weight), float(np.exp(2 * model.log_noise))
    objective = -float(VariationalBound(beta)(key_fit, model, (jax.numpy.asarray(rows.x),))[0])
    kl = np.sort(np.asarray(jax.vmap(model.divergences)(rows.x)).mean(axis=0))
    likelihood = pca.log_likelihood(rows.covariance, W, noise, np.asarray(layer.bias))
    return LinearVAE(model, W, noise, objective, likelihood, kl)
