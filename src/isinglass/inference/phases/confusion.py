# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion: label the data as if T' were the transition; held-out accuracy peaks where T' is right.

A network that predicts the point of a configuration, P(T_k|x), answers for every cut at once: the best guess
of "below the cut" is Σ_{k below} P(T_k|x) > ½, the same optimum that one network for each cut would be trained to.
The accuracy over the whole range is W-shaped, with ends that are trivially high, and the tilt of the range moves its
middle peak.  The estimate is therefore read from windows: equally many points on both sides of the cut, so that chance
is ½ at every cut and only the distinguishability of neighboring points remains.
Ref: van Nieuwenburg, Liu & Huber 2017, arXiv:1610.02048; Arnold & Schäfer 2022, arXiv:2203.06084 (one optimal
predictor for all cuts); Arnold et al. 2024, arXiv:2306.14894 (generative classifiers).
"""

from typing import Literal, NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, Int, Key
from scipy.special import expit

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.committee import Committee, folds, held_out_posterior, schedule, train_committee
from isinglass.inference.phases.features import correlations, encode, standardize
from isinglass.inference.phases.order_parameter import bootstrap_means
from isinglass.nets.layer.mlp import MLP

__all__ = [
    "DEFAULT",
    "Confusion",
    "ConfusionCurves",
    "Peak",
    "Predicted",
    "confusion_curves",
    "inputs",
    "peak",
    "predict_points",
]


class Confusion(eqx.Module):
    """Settings of learning by confusion."""

    view: Literal["correlations", "raw"] = "correlations"  # input of the network
    hidden: tuple[int, ...] = (64, 64)
    channels: tuple[int, ...] = (16,)  # of the periodic convolutions, where the view is raw
    n_folds: int = 5  # each network is evaluated only on the fold it was trained without
    repeats: int = 2  # independently trained networks per fold
    steps: int = 400
    learning_rate: float = 1e-2
    batch_size: int = 256
    window: int | None = None  # points on each side of a cut; None: an eighth of the points
    draws: int = 200  # bootstrap draws over groups and networks


DEFAULT = Confusion()


class Predicted(NamedTuple):
    """Held-out predictions P(T_k | x) of every row."""

    points: Float[np.ndarray, " T"]
    label: Int[np.ndarray, " n"]  # the point that each row was sampled at
    probability: Float[np.ndarray, "repeat n T"]  # P(T_k|x) by networks trained without the row's group
    group: Int[np.ndarray, " n"]
    committee: Committee


class Peak(NamedTuple):
    """The most prominent interior maximum of a curve."""

    position: float  # nan: there is none
    prominence: float  # height over the higher of the two valleys beside it, in units of the curve's largest value


class ConfusionCurves(NamedTuple):
    """Accuracy against the cut; the first axis counts the data (0) and its bootstrap samples."""

    cut: Float[np.ndarray, " cut"]
    accuracy: Float[np.ndarray, "draw cut"]  # of the decision, whole range: the W; mean over networks
    trivial: Float[np.ndarray, " cut"]  # of always naming the larger side
    window_accuracy: Float[np.ndarray, "draw cut"]  # mean probability given to the true side, equal windows
    information: Float[np.ndarray, "draw cut"]  # (standard deviations between the two sides / their distance)²


def inputs(data: Configurations, view: str) -> Float[np.ndarray, "n ..."]:
    """Inputs of the networks: two-point functions, or the fields themselves."""
    return standardize(correlations(data)) if view == "correlations" else np.moveaxis(encode(data), -1, 1)


def network(settings: Confusion, shape: tuple[int, ...], out: int):
    """A function key -> network: a perceptron on features, a periodic convolution on fields."""
    if settings.view == "correlations":
        return lambda key: MLP(key=key, in_shape=shape, out=out, hidden=settings.hidden)
    from isinglass.nets.classifier.periodic_cnn import PeriodicCNN

    dimension = len(shape) - 1
    return lambda key: PeriodicCNN(
        key=key, dimension=dimension, in_channels=shape[0], channels=settings.channels, out=out
    )


def predict_points(key: Key[Array, ""], data: Configurations, settings: Confusion = DEFAULT) -> Predicted:
    """Train the committee to predict the point, P(T_k|x), and evaluate each network on its held-out fold.

    Points with few configurations weigh as much as those with many, so that the prior over the points is flat.
    """
    points, label = np.unique(data.parameter, return_inverse=True)
    group, x = data.group, inputs(data, settings.view)
    key_fold, key_train = jax.random.split(key)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_fold)))
    fold = folds(rng, group, label, settings.n_folds)
    left_out = np.arange(settings.n_folds * settings.repeats) % settings.n_folds
    balance = data.n / (len(points) * np.bincount(label))
    weights = (fold[:, None] != left_out) * balance[label][:, None]
    make = network(settings, x.shape[1:], len(points))
    training = schedule(settings.steps, settings.learning_rate, settings.batch_size)
    committee = train_committee(key_train, make, x, label, weights, training)
    return Predicted(points, label, held_out_posterior(committee, x, fold, settings.n_folds), group, committee)


def confusion_curves(
    rng: np.random.Generator, predicted: Predicted, *, window: int | None = None, draws: int = 200
) -> ConfusionCurves:
    """Accuracy for every cut, with bootstrap samples of groups and of independently trained networks.

    The information is Fisher's about the parameter, smoothed over the window: N c / T² of a thermal ensemble, c the
    specific heat per site.
    Law: held-out accuracy never exceeds the Bayes ceiling of `exact.bayes.confusion_curve` beyond binomial noise.
    """
    points, label = predicted.points, predicted.label
    n_cuts = len(points) - 1
    half = half_windows(len(points), window)
    low = label[:, None] <= np.arange(n_cuts)
    hits, shares = [], []
    for p in predicted.probability:
        hits.append((np.cumsum(p, axis=1)[:, :-1] > 0.5) == low)
        share = window_shares(p, half)
        shares.append(np.where(low, share, 1 - share))
    columns = np.concatenate(hits + shares, axis=1).astype(np.float32)
    means = bootstrap_means(rng, columns, predicted.group, label, draws)
    means = means.reshape(1 + draws, len(points), 2, len(predicted.probability), n_cuts)
    means = resample_networks(rng, means)
    inside = in_window(len(points), half)
    window_accuracy = np.einsum("dtc,tc->dc", means[:, :, 1], inside)
    cut = (points[1:] + points[:-1]) / 2
    below = inside * (np.arange(len(points))[:, None] <= np.arange(n_cuts))
    distance = 2 * points @ (inside - 2 * below)
    information = (deviations_apart(window_accuracy) / distance) ** 2
    fraction = np.arange(1, n_cuts + 1) / len(points)
    return ConfusionCurves(
        cut, means[:, :, 0].mean(axis=1), np.maximum(fraction, 1 - fraction), window_accuracy, information
    )


def deviations_apart(accuracy: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Distance d at which the mean probability of the true side is a(d) = E[1/(1 + exp(-l))], l ~ N(d²/2, d²).

    The law of a calibrated classifier of two Gaussians d standard deviations apart: a = ½ + d²/8 + ... for small d.
    """
    d, z = np.linspace(0, 8, 201), np.linspace(-8, 8, 801)
    weight = np.exp(-(z**2) / 2)
    table = (weight * expit(d[:, None] ** 2 / 2 + d[:, None] * z)).sum(axis=1) / weight.sum()
    return np.interp(accuracy, table, d)


def half_windows(n_points: int, window: int | None) -> Int[np.ndarray, " cut"]:
    """Points on each side of each cut: the window, less at the ends of the range."""
    widest = window or max(2, round(n_points / 8))
    cuts = np.arange(n_points - 1)
    return np.minimum(widest, np.minimum(cuts + 1, n_points - 1 - cuts))


def in_window(n_points: int, half: Int[np.ndarray, " cut"]) -> Float[np.ndarray, "T cut"]:
    """Equal weights on the points of each cut's window; they sum to one."""
    t, c = np.arange(n_points)[:, None], np.arange(n_points - 1)
    return ((t > c - half) & (t <= c + half)) / (2 * half)


def window_shares(p: Float[np.ndarray, "n T"], half: Int[np.ndarray, " cut"]) -> Float[np.ndarray, "n cut"]:
    """P(below the cut | x, point within the window); ½ where a row is nowhere near it."""
    sums = np.concatenate([np.zeros((len(p), 1)), np.cumsum(p, axis=1, dtype=float)], axis=1)
    c = np.arange(p.shape[1] - 1)
    below, all_of_it = sums[:, c + 1] - sums[:, c + 1 - half], sums[:, c + 1 + half] - sums[:, c + 1 - half]
    return (below + 1e-9) / (all_of_it + 2e-9)


def resample_networks(
    rng: np.random.Generator, means: Float[np.ndarray, "draw T two repeat cut"]
) -> Float[np.ndarray, "draw T two cut"]:
    """Mean over the networks, and over networks resampled with replacement."""
    draws, repeats = means.shape[0], means.shape[3]
    weights = rng.multinomial(repeats, np.full(repeats, 1 / repeats), size=draws) / repeats
    weights[0] = 1 / repeats
    return np.einsum("dtkrc,dr->dtkc", means, weights)


def peak(x: Float[np.ndarray, " cut"], y: Float[np.ndarray, " cut"], reach: int = 3) -> Peak:
    """The interior local maximum of greatest prominence after smoothing by (1, 2, 1)/4; a parabola places it."""
    x, y = x[1:-1], y[1:-1]  # the windows of the outermost cuts hold one point a side
    smooth = np.convolve(np.pad(y, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    inner = np.arange(1, len(y) - 1)
    tops = inner[(smooth[inner] >= smooth[inner - 1]) & (smooth[inner] > smooth[inner + 1])]
    if len(tops) == 0:
        return Peak(float("nan"), 0.0)
    prominence = [smooth[i] - max(smooth[: i + 1].min(), smooth[i:].min()) for i in tops]
    i = int(tops[int(np.argmax(prominence))])
    near = slice(max(0, i - reach), i + reach + 1)
    curvature, slope, _ = np.polyfit(x[near] - x[i], y[near], 2)
    shift = -slope / (2 * curvature) if curvature < 0 else 0.0
    position = float(np.clip(x[i] + shift, x[near][0], x[near][-1]))
    return Peak(position, float(max(prominence) / max(np.abs(smooth).max(), 1e-12)))
