# SPDX-License-Identifier: Apache-2.0
"""P(signal given x) = 1/(1 + exp(-a z(x) - b)): a network z, and a temperature 1/a fitted on other rows.

Guo et al. 2017, arXiv:1706.04599; Platt 1999.  The probability holds for signals as frequent as among the rows.
"""

from math import prod
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Key, Shaped
from scipy.optimize import minimize
from scipy.special import expit

from isinglass.nets.classifier.classifier import Classifier
from isinglass.nets.classifier.series_cnn import SeriesCNN
from isinglass.nets.layer.mlp import MLP

__all__ = ["Detector", "DetectorNetwork", "calibrated_map", "detector_logits", "make_detector", "probabilities"]

DetectorNetwork = Literal["auto", "mlp", "series"]
CHUNK = 4096


class Detector(eqx.Module):
    """z(x) of a network of x in its units, and the map of z to a probability."""

    net: Classifier
    center: Float[Array, "..."]  # of x, and its width
    width: Float[Array, "..."]
    slope: Float[Array, ""]  # a, the inverse temperature
    offset: Float[Array, ""]  # b

    def score(self, x: Shaped[Array, "..."]) -> Float[Array, ""]:
        """z(x)."""
        scaled = (x - jnp.broadcast_to(self.center, x.shape)) / jnp.broadcast_to(self.width, x.shape)
        return self.net(scaled.astype(jnp.float32))

    def probability(self, x: Shaped[Array, "..."]) -> Float[Array, ""]:
        """P(signal given x)."""
        return jax.nn.sigmoid(self.slope * self.score(x).astype(self.slope.dtype) + self.offset)

    def __call__(self, x: Shaped[Array, "..."], *, key: Any = None) -> Float[Array, ""]:
        """z of a row that is in units already: what is trained."""
        return self.net(x, key=key)


def make_detector(
    key: Key[Array, ""], x: Float[np.ndarray, "n *data"], network: DetectorNetwork, hidden: tuple[int, ...],
    filters: tuple[int, ...],
) -> Detector:  # fmt: skip
    """An untrained network in the units of these rows: of each column, or of each channel of a series."""
    series = network == "series" or (network == "auto" and x.ndim == 3)
    axes: tuple[int, ...] = (0, x.ndim - 1) if series else (0,)
    center, width = x.mean(axis=axes, keepdims=True)[0], x.std(axis=axes, keepdims=True)[0]
    width = np.where(width > 1e-12 * (1 + np.abs(center)), width, 1.0)
    if series:
        net: Any = SeriesCNN(key=key, in_shape=x.shape[1:], filters=filters, hidden=hidden)
    else:
        net = MLP(key=key, in_shape=x.shape[1:], out=1, hidden=hidden)
    scale = 1.0 if series else prod(x.shape[1:]) ** -0.5
    one = jnp.ones(())
    return Detector(Classifier(net, scale=scale), jnp.asarray(center), jnp.asarray(width), one, 0 * one)


def detector_logits(detector: Detector, x: Float[np.ndarray, "n *data"]) -> Float[np.ndarray, " n"]:
    """z of every row."""
    rows = [np.asarray(scores(detector, jnp.asarray(x[i : i + CHUNK]))) for i in range(0, len(x), CHUNK)]
    return np.concatenate(rows).astype(float)


@eqx.filter_jit
def scores(detector: Detector, x: Shaped[Array, "n *data"]) -> Float[Array, " n"]:
    """z of some rows."""
    return jax.vmap(detector.score)(x)


def probabilities(detector: Detector, x: Float[np.ndarray, "n *data"]) -> Float[np.ndarray, " n"]:
    """P(signal) of every row."""
    return expit(float(detector.slope) * detector_logits(detector, x) + float(detector.offset))


def calibrated_map(z: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"]) -> tuple[float, float]:
    """a and b that minimize -Σ [t ln p + (1 - t) ln(1 - p)], p = 1/(1 + exp(-a z - b)).

    t = (n_s + 1)/(n_s + 2) for signals and 1/(n_b + 2) for background (Platt): finite where classes do not overlap.
    Law: at the minimum Σ p = Σ t.  a > 0: the order of the scores stays.
    """
    n = int(signal.sum())
    t = np.where(signal, (n + 1) / (n + 2), 1 / (len(z) - n + 2))
    unit = max(float(np.std(z)), 1e-12)

    def loss(ab):
        a, b = np.exp(ab[0]) / unit, ab[1]
        s = a * z + b
        slope = expit(s) - t
        return np.mean(np.logaddexp(0, s) - t * s), np.array([np.mean(slope * z) * a, np.mean(slope)])

    found = minimize(loss, np.array([np.log(unit), 0.0]), jac=True, method="L-BFGS-B", bounds=[(-12, 12), (-60, 60)])
    return float(np.exp(found.x[0]) / unit), float(found.x[1])
