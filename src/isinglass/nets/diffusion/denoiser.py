# SPDX-License-Identifier: Apache-2.0
"""Denoisers: the estimate of the data with least mean square error, E(x_0 given x_t), and what follows from it.

With x = α x_0 + σ ε, any one of these gives the others:
data D = E(x_0 given x),  noise ε̂ = (x - α D)/σ,  velocity v = α ε̂ - σ D,  score ∇ ln p_t = -ε̂/σ (Tweedie).
Ref: Vincent 2011, doi:10.1162/NECO_a_00142; velocity: Salimans and Ho 2022, arXiv:2202.00512.
"""

from abc import abstractmethod
from typing import Any, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.nets.diffusion.gaussian_reference import AbstractGaussian
from isinglass.nets.diffusion.noise_schedule import AbstractNoiseSchedule, Scales

__all__ = ["AbstractDenoiser", "Denoiser", "Prediction", "data_from", "from_data"]

Field = Float[Array, "*site"]
Scalar = Float[Array, ""]
Prediction = Literal["residual", "data", "noise", "velocity", "score"]


def from_data(kind: str, data: Field, x: Field, at: Scales) -> Field:
    """Noise, velocity or score from the estimate of the data."""
    if kind == "data":
        return data
    noise = (x - at.alpha * data) / at.sigma
    if kind == "noise":
        return noise
    if kind == "velocity":
        return at.alpha * noise - at.sigma * data
    if kind == "score":
        return -noise / at.sigma
    raise ValueError(f"expected a prediction among data, noise, velocity, score; found {kind!r}; choose one.")


def data_from(kind: str, predicted: Field, x: Field, at: Scales) -> Field:
    """The estimate of the data from any other prediction.  Law: undoes `from_data`."""
    if kind == "data":
        return predicted
    if kind == "noise":
        return (x - at.sigma * predicted) / at.alpha
    if kind == "velocity":
        return (at.alpha * x - at.sigma * predicted) / (at.alpha**2 + at.sigma**2)
    if kind == "score":
        return (x + at.sigma**2 * predicted) / at.alpha
    raise ValueError(f"expected a prediction among data, noise, velocity, score; found {kind!r}; choose one.")


class AbstractDenoiser(eqx.Module):
    """D(x, λ) ≈ E(x_0 given x) at log signal-to-noise ratio λ; x_0 is a configuration in the unit of `gaussian`.

    `gaussian` serves as base and as exactly solved part of the probability flow; it need not be the data's.
    """

    gaussian: eqx.AbstractVar[AbstractGaussian]
    schedule: eqx.AbstractVar[AbstractNoiseSchedule]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one configuration, that of `gaussian`."""
        return self.gaussian.shape

    @abstractmethod
    def data(self, x: Field, log_snr: Scalar) -> Field:
        """D(x, λ), the estimate of E(x_0 given x)."""

    def predict(self, kind: str, x: Field, log_snr: Scalar) -> Field:
        """Data, noise, velocity or score at x."""
        return from_data(kind, self.data(x, log_snr), x, self.schedule.scales(log_snr))

    def score(self, x: Field, t: Scalar) -> Field:
        """∇ ln p_t(x) = (α D - x)/σ², by Tweedie's formula."""
        return self.predict("score", x, self.schedule.log_snr(t))

    def drift_of_modes(self, w: Field, log_snr: Scalar) -> Field:
        """dw/dλ = ½ α Λ^(-½) (D - D_Gauss): the probability flow of w = Λ^(-½) (x - α m).

        dx/dt = f x - ½ g² ∇ ln p_t with the Gaussian's part integrated exactly.  Law: 0 where the data are Gaussian.
        """
        at = self.schedule.scales(log_snr)
        x = self.gaussian.color(w, at)
        beyond = self.data(x, log_snr) - self.gaussian.wiener(x, at)
        return self.gaussian.filter(beyond, lambda S: 0.5 * at.alpha / jnp.sqrt(at.alpha**2 * S + at.sigma**2))


class Denoiser(AbstractDenoiser):
    """A network as denoiser: net(features, λ) -> configuration, read as one of the predictions.

    "residual": D = Wiener filter + (error of the Wiener filter) * net, so that net = 0 is the exact answer for a
    Gaussian and what net learns is of order one at every noise level.
    """

    net: Any
    gaussian: AbstractGaussian
    schedule: AbstractNoiseSchedule
    prediction: Prediction = eqx.field(static=True, default="residual")

    def data(self, x: Field, log_snr: Scalar) -> Field:
        at = self.schedule.scales(log_snr)
        output = self.net(self.gaussian.features(x, at), log_snr).astype(x.dtype)
        if self.prediction == "residual":
            return self.gaussian.wiener(x, at) + self.gaussian.scale_residual(output, at)
        return data_from(self.prediction, output, x, at)
