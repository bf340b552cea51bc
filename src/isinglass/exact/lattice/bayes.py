# SPDX-License-Identifier: Apache-2.0
"""The best any classifier of configurations can do: argmax over labels of P(label | x), by a sufficient statistic.

For the Ising model without field the energy is sufficient for the temperature, P(x|T) = exp(-E(x)/T) / Z(T), so that
the exact g(E) gives exact ceilings.  Every function but `energy_law` takes log P(outcome | parameter) of any system.
Temperatures are weighted equally unless weights are given; each trial shows one configuration.
Ref: Arnold, Schäfer, Edelman & Bruder 2022, arXiv:2203.06084 (optimal predictors); van Nieuwenburg, Liu & Huber 2017,
arXiv:1610.02048 (confusion).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from scipy.special import logsumexp

from .density_of_states import density_of_states

__all__ = [
    "ConfusionCurve",
    "bayes_accuracy",
    "confusion_curve",
    "energy_law",
    "mean_posterior",
    "posterior",
    "posterior_crossing",
    "temperature_resolution",
]


class ConfusionCurve(NamedTuple):
    """Best accuracy of predicting "below the cut", for a cut between each two neighboring parameters."""

    cut: Float[np.ndarray, " cuts"]
    accuracy: Float[np.ndarray, " cuts"]


def energy_law(L: int, temperatures: Float[np.ndarray, " T"]) -> Float[np.ndarray, "T E"]:
    """Distribution of the energy, log P(E|T) = ln g(E) - E/T - ln Z(T), of the L x L Ising torus, J = 1.

    Shape: E = -2N, -2N + 4, ..., 2N.  Law: Σ_E P = 1; -inf at the empty levels ±(2N - 4).
    """
    levels = density_of_states(L)
    beta = 1.0 / np.asarray(temperatures, dtype=float)
    log_weight = levels.log_g[None] - beta[:, None] * levels.E[None]
    return log_weight - np.asarray(logsumexp(log_weight, axis=1, keepdims=True))


def bayes_accuracy(
    log_probability: Float[np.ndarray, "T E"],
    labels: Shaped[np.ndarray, " T"],
    weights: Float[np.ndarray, " T"] | None = None,
) -> float:
    """Bayes-optimal accuracy, Σ_E max_label Σ_{T in label} w_T P(E|T).

    Shape: any number of labels, of any type.
    Law: no classifier is better on average; >= the weight of the largest label.
    """
    joint = _joint(log_probability, weights)
    by_label = [joint[labels == label].sum(axis=0) for label in np.unique(labels)]
    return float(np.max(by_label, axis=0).sum())


def posterior(
    log_probability: Float[np.ndarray, "T E"],
    labels: Shaped[np.ndarray, " T"],
    weights: Float[np.ndarray, " T"] | None = None,
) -> Float[np.ndarray, " E"]:
    """P(label true | E) = Σ_{T: label} w_T P(E|T) / Σ_T w_T P(E|T): the output of a perfectly trained network.

    Law: 0 <= P <= 1; ½ where P(E) = 0.
    """
    joint = _joint(log_probability, weights)
    total = joint.sum(axis=0)
    true = joint[np.asarray(labels, dtype=bool)].sum(axis=0)
    return np.divide(true, total, out=np.full_like(total, 0.5), where=total > 0)


def mean_posterior(
    log_probability: Float[np.ndarray, "T E"], probability: Float[np.ndarray, " E"]
) -> Float[np.ndarray, " T"]:
    """Mean output of the optimal classifier at each T, ⟨P(label | E)⟩_T = Σ_E P(E|T) P(label | E)."""
    return np.exp(log_probability) @ probability


def posterior_crossing(
    temperatures: Float[np.ndarray, " T"], mean_output: Float[np.ndarray, " T"], level: float = 0.5
) -> float:
    """Temperature T* where the falling mean output first passes `level`, interpolated linearly; nan if it does not."""
    falls = np.flatnonzero((mean_output[:-1] >= level) & (mean_output[1:] < level))
    if falls.size == 0:
        return float("nan")
    i = falls[0]
    fraction = (mean_output[i] - level) / (mean_output[i] - mean_output[i + 1])
    return float(temperatures[i] + fraction * (temperatures[i + 1] - temperatures[i]))


def confusion_curve(
    log_probability: Float[np.ndarray, "T E"],
    temperatures: Float[np.ndarray, " T"],
    weights: Float[np.ndarray, " T"] | None = None,
) -> ConfusionCurve:
    """Best accuracy against the cut, A(cut) = Σ_E max(Σ_{T<cut}, Σ_{T>cut}) w_T P(E|T), cuts midway between the T.

    Law: A >= max(fraction below, fraction above): the ends are trivially (n-1)/n, T_c is estimated by the local peak.
    """
    joint = _joint(log_probability, weights)
    below = np.cumsum(joint, axis=0)[:-1]
    accuracy = np.maximum(below, joint.sum(axis=0) - below).sum(axis=1)
    return ConfusionCurve((temperatures[:-1] + temperatures[1:]) / 2, accuracy)


def temperature_resolution(T: float, N: int, c: float) -> float:
    """Cramér-Rao bound on the temperature from one configuration, σ_T = T / √(N c), c the specific heat per site.

    Law: no unbiased estimator has a smaller error; n independent configurations divide it by √n.
    """
    return T / float(np.sqrt(N * c))


def _joint(
    log_probability: Float[np.ndarray, "T E"], weights: Float[np.ndarray, " T"] | None
) -> Float[np.ndarray, "T E"]:
    """w_T P(E|T), weights normalised."""
    w = np.ones(len(log_probability)) if weights is None else weights
    return (w / w.sum())[:, None] * np.exp(log_probability)
