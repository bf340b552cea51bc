# SPDX-License-Identifier: Apache-2.0
"""Supervised refinement: trained on both sides away from a first guess, the network's p = 1/2 marks the transition."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.committee import folds, held_out_posterior, schedule, train_committee
from isinglass.inference.phases.confusion import DEFAULT, Confusion, inputs, network
from isinglass.inference.phases.order_parameter import bootstrap_means, crossing

__all__ = ["Refined", "refine"]


class Refined(NamedTuple):
    """Mean held-out output at each point; the first axis counts the data (0) and its bootstrap samples."""

    output: Float[np.ndarray, "draw T"]  # P(below the transition)
    trained: np.ndarray  # whether the point was trained on
    position: Float[np.ndarray, " draw"]  # where the output passes 1/2; nan: nowhere


def refine(
    key: Key[Array, ""],
    data: Configurations,
    first: float,
    settings: Confusion = DEFAULT,
    gap: int | None = None,
) -> Refined | None:
    """Leave out `gap` points (an eighth of all) on each side of the first guess, train on the rest, find p = 1/2.

    None where fewer than two points remain on a side.  As many outer points as the poorer side has are used on both,
    so that the range does not pull the estimate.  Ref: Carrasquilla and Melko 2017, arXiv:1605.01735.
    """
    points, label = np.unique(data.parameter, return_inverse=True)
    gap = gap or max(1, round(len(points) / 8))
    cut = int(np.searchsorted(points, first))
    width = min(cut - gap, len(points) - cut - gap)
    if width < 2:
        return None
    place = np.arange(len(points))
    trained = ((place < cut - gap) & (place >= cut - gap - width)) | (
        (place >= cut + gap) & (place < cut + gap + width)
    )
    key_fold, key_train = jax.random.split(key)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key_fold)))
    x, fold = inputs(data, settings.view), folds(rng, data.group, label, settings.n_folds)
    left_out = np.arange(settings.n_folds * settings.repeats) % settings.n_folds
    balance = data.n / (trained.sum() * np.bincount(label)) * trained
    weights = (fold[:, None] != left_out) * balance[label][:, None]
    training = schedule(settings.steps, settings.learning_rate, settings.batch_size)
    make = network(settings, x.shape[1:], 2)
    committee = train_committee(key_train, make, x, (label >= cut).astype(int), weights, training)
    below = held_out_posterior(committee, x, fold, settings.n_folds)[:, :, 0]
    means = bootstrap_means(rng, below.T, data.group, label, settings.draws)
    picks = rng.multinomial(len(below), np.full(len(below), 1 / len(below)), size=len(means)) / len(below)
    picks[0] = 1 / len(below)
    output = np.einsum("dtr,dr->dt", means, picks)
    near = slice(max(0, cut - gap - 1), cut + gap + 1)
    position = np.array([crossing(points[near], curve[near], 0.5, neighbors=4) for curve in output])
    return Refined(output, trained, position)
