# SPDX-License-Identifier: Apache-2.0
"""Unsupervised learning: principal components, autoencoders, clusters, embeddings.

Ref: Wang 2016, arXiv:1606.00318 (PCA); Wetzel 2017, arXiv:1703.02435 (autoencoders).
"""

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.data.configurations import Configurations, kept
from isinglass.inference.phases.features import encode
from isinglass.inference.phases.finite_size import MeasuredCurve, scaling_fit
from isinglass.inference.phases.order_parameter import bootstrap_means, crossing
from isinglass.nets.classifier.autoencoder import Autoencoder
from isinglass.nets.classifier.vae import VAE
from isinglass.observables.order_parameter import moment_ratio
from isinglass.result import Estimate, Result
from isinglass.run.document import plain
from isinglass.training.fit import fit
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = [
    "Components",
    "Leading",
    "NegativeElbo",
    "Unsupervised",
    "clusters",
    "embedding",
    "latent",
    "leading_component",
    "pca_transition",
    "subset",
    "unsupervised",
]

REACH, DEGREE, OMEGA = 4.0, 4, 1.75  # of the collapse of the components' moments, as for the networks' outputs


class Unsupervised(eqx.Module):
    """Settings of the unsupervised methods."""

    shown: int = 1000  # configurations in the scatter plots, equally many at each point
    steps: int = 600  # training steps of the autoencoders
    hidden: tuple[int, ...] = (64,)
    learning_rate: float = 1e-3
    perplexity: float = 30.0  # of t-SNE
    draws: int = 200


DEFAULT = Unsupervised()


class Components(eqx.Module):
    """Settings of the transition from principal components."""

    rows: int | None = None  # configurations at each point, at most
    draws: int = 200  # bootstrap draws over groups


class Leading(NamedTuple):
    """The leading principal components: as many as the order parameter has dimensions."""

    scores: Float[np.ndarray, "n component"]  # projections, in units where full order has |score| = 1
    explained: Float[np.ndarray, " shown"]  # share of the variance that each component explains
    axes: Float[np.ndarray, "component feature"]


def leading_component(data: Configurations, shown: int = 10) -> Leading:
    """PCA of the fields, x = mean + Σ_a z_a v_a; a uniform order parameter makes v_1 uniform and z_1 ∝ m.

    Law: Σ explained <= 1, descending; z has variance explained × total.
    """
    from sklearn.decomposition import PCA

    flat = encode(data).reshape(data.n, -1)
    count = min(shown, *flat.shape)
    pca = PCA(count, svd_solver="randomized", random_state=0).fit(flat)
    keep = min(data.components, count)
    sites = flat.shape[1] / data.components
    scores = np.asarray(pca.transform(flat))[:, :keep] / np.sqrt(sites)
    return Leading(scores, np.asarray(pca.explained_variance_ratio_), np.asarray(pca.components_)[:keep])


def pca_moments(
    rng: np.random.Generator, data: Configurations, draws: int = 200
) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, "draw T"]]:
    """Points, and <z⁴>/<z²>² of the leading component there; the first row is the data, then bootstrap samples."""
    points, label = np.unique(data.parameter, return_inverse=True)
    z2 = (leading_component(data).scores ** 2).sum(axis=1)
    means = bootstrap_means(rng, np.stack([z2, z2**2], axis=1), data.group, label, draws)
    return points, moment_ratio(means[..., 0], means[..., 1])


def pca_transition(
    rng: np.random.Generator, by_size: Mapping[int, Configurations], settings: Components = Components()
) -> Estimate | None:
    """T_c where ln <z⁴>/<z²>² of the leading component, f((T - T_c) L^(1/ν)), is the same for all sizes.

    Law: Binder's crossing, with the component in place of the magnetization.  None where the curves of the largest and
    the smallest size do not cross with two points on either side: a fit that ended at the edge has found nothing.
    Ref: Binder 1981, doi:10.1007/BF01293604.
    """
    if settings.rows is not None:
        by_size = {L: some(rng, data, settings.rows) for L, data in by_size.items()}
    curves = {}
    for L, data in sorted(by_size.items()):
        points, ratio = pca_moments(rng, data, settings.draws)
        curves[L] = MeasuredCurve(points, np.log(ratio[0]), np.log(ratio[1:]))
    first = first_crossing(curves[min(curves)], curves[max(curves)])
    if first is None:
        return None
    found = scaling_fit([curves], first, reach=REACH, degree=DEGREE, omega=OMEGA).critical
    T = curves[max(curves)].T
    return found if len(T) >= 4 and T[1] <= found.value <= T[-2] else None


def some(rng: np.random.Generator, data: Configurations, n: int) -> Configurations:
    """At most n rows at each point."""
    return kept(data, np.isin(np.arange(data.n), subset(rng, data, n * len(data.points))))


def first_crossing(small: MeasuredCurve, large: MeasuredCurve) -> float | None:
    """Where two curves cross, roughly: the straight line through their difference where `large` leaves full order."""
    T, low, rise = small.T, large.y.min(), np.ptp(large.y)
    inside = (large.y > low + 0.02 * rise) & (large.y < low + 0.6 * rise)
    if not inside.any():
        return None
    rows = slice(max(0, int(np.flatnonzero(inside)[0]) - 1), int(np.flatnonzero(inside)[-1]) + 2)
    at = crossing(T[rows], (large.y - small.y)[rows], 0.0)
    return float(at) if np.isfinite(at) else None


class NegativeElbo(eqx.Module):
    """L = -(1/nN) Σ_i ELBO(x_i), per site."""

    def __call__(self, key: Key[Array, ""], model: VAE, batch: tuple) -> Float[Array, ""]:
        """Mean over the batch."""
        x, _ = batch
        keys = jax.random.split(key, x.shape[0])
        return -jax.vmap(model.elbo)(keys, x).mean() / float(np.prod(x.shape[1:]))


def latent(
    key: Key[Array, ""], data: Configurations, kind: str = "autoencoder", settings: Unsupervised = DEFAULT
) -> Float[np.ndarray, " n"]:
    """The one latent number of an autoencoder (or the latent mean of a VAE, for spins ±1) of each configuration."""
    key_init, key_fit = jax.random.split(key)
    x = jnp.asarray(encode(data).reshape(data.n, -1))
    make, loss = (VAE, NegativeElbo()) if kind == "vae" else (Autoencoder, MeanSquare())
    network = make(key=key_init, in_shape=x.shape[1:], latent=1, hidden=settings.hidden)
    optimizer = Optimizer("adam", settings.learning_rate, "cosine")
    training = Training(optimizer=optimizer, steps=settings.steps, batch_size=256, block=settings.steps)
    model = fit(key_fit, network, loss, (x, x), settings=training).model
    return np.asarray(eqx.filter_jit(lambda net, x: jax.lax.map(net.encode, x, batch_size=1024))(model, x))[:, 0]


def subset(rng: np.random.Generator, data: Configurations, n: int) -> Int[np.ndarray, " m"]:
    """Rows, about n of them, equally many at each point."""
    each = max(1, n // len(data.points))
    rows = [np.flatnonzero(data.parameter == p) for p in data.points]
    return np.concatenate([rng.permutation(r)[:each] for r in rows])


def clusters(x: Shaped[np.ndarray, "n feature"], count: int) -> Int[np.ndarray, " n"]:
    """The cluster of each row by k-means, argmin_c Σ_i |x_i - μ_c(i)|², in `count` clusters."""
    from sklearn.cluster import KMeans

    return KMeans(count, n_init="auto", random_state=0).fit_predict(x)


def embedding(x: Shaped[np.ndarray, "n feature"], perplexity: float = 30.0) -> Float[np.ndarray, "n 2"]:
    """t-SNE in the plane, of the fifty leading principal components."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # its threads wait for each other by spinning: slow on shared cores
        reduced = PCA(min(50, *x.shape), svd_solver="randomized", random_state=0).fit_transform(x)
        return TSNE(2, perplexity=min(perplexity, (len(x) - 1) / 3), init="pca", random_state=0).fit_transform(reduced)


def unsupervised(key: Key[Array, ""], data: Configurations, settings: Unsupervised = DEFAULT) -> Result:
    """Components, latents, clusters and an embedding of one lattice size, against the mean spin as order parameter.

    Estimates |correlation| of each leading component with the order parameter: the mean field if it has one component,
    else its length against the component's length.
    """
    key_rows, *keys = jax.random.split(key, 3)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_rows)))
    field = encode(data)
    m = field.mean(axis=tuple(range(1, field.ndim - 1)))
    leading, scalar = leading_component(data), m.shape[1] == 1
    order = m[:, 0] if scalar else np.linalg.norm(m, axis=1)
    found = {"pca": leading.scores[:, 0] if scalar else np.linalg.norm(leading.scores, axis=1)}
    if scalar:
        kinds = ("autoencoder", "vae") if data.kind == "ising" else ("autoencoder",)
        found |= {kind: latent(k, data, kind, settings) for k, kind in zip(keys, kinds, strict=False)}
    rows = subset(rng, data, settings.shown)
    flat = field[rows].reshape(len(rows), -1)
    out = {f"component_{name}": ("sample", z[rows]) for name, z in found.items()}
    correlation = {name: float(np.corrcoef(z, order)[0, 1]) for name, z in found.items()}
    out |= {f"component_{name}_correlation": r for name, r in correlation.items()}
    out |= {
        "order_parameter": ("sample", order[rows]),
        "sample_parameter": ("sample", data.parameter[rows]),
        "explained_variance_ratio": ("component", leading.explained),
        "cluster": ("sample", clusters(leading.scores[rows], 3 if scalar else data.components + 2)),
        "embedding_t_sne": (("sample", "plane"), embedding(flat, settings.perplexity)),
    }
    result = Result("unsupervised", settings=plain(vars(settings)))
    result.arrays = xr.Dataset(out, attrs={"parameter": data.parameter_name})
    result.estimates = {f"correlation/{name}": Estimate(abs(r)) for name, r in correlation.items()}
    result.figures = [*(f"components/{name}" for name in found), "embedding/t_sne"]
    return result
