# SPDX-License-Identifier: Apache-2.0
"""Data that a model predicts, with normal noise of a known covariance: x = μ(θ) + n, n ~ N(0, C)."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.errors import InputError
from isinglass.exact.field.fisher_information import normal_fisher
from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["NoisyModel", "cholesky_of", "noisy_model"]


class NoisyModel(AbstractSimulator):
    """x ~ N(μ(θ), C), C = L Lᵀ; L of independent data is their standard deviations [m].

    Law: χ² = |L⁻¹ (x - μ)|² at the true θ has the mean m and the variance 2 m.
    """

    model: Callable[..., Any]  # μ(θ)
    L: Float[Array, "m m"] | Float[Array, " m"]
    own_prior: Prior

    def prior(self) -> Prior:
        return self.own_prior

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " m"]:
        """μ(θ) + L w."""
        w = jax.random.normal(key, (len(self.L),), self.L.dtype)
        return self.model(theta) + (self.L * w if self.L.ndim == 1 else self.L @ w)

    def chi_squared(
        self, theta: Float[Array, " d"], x: Float[Array, " m"] | Float[np.ndarray, " m"]
    ) -> Float[Array, ""]:
        """(x - μ)ᵀ C⁻¹ (x - μ)."""
        off = jnp.asarray(x, self.L.dtype) - self.model(theta)
        white = off / self.L if self.L.ndim == 1 else jax.scipy.linalg.solve_triangular(self.L, off, lower=True)
        return jnp.sum(white**2)

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, " m"]) -> Float[Array, ""]:
        """-½ [χ² + ln det(2π C)]."""
        width = self.L if self.L.ndim == 1 else jnp.diag(self.L)
        return -0.5 * self.chi_squared(theta, x) - jnp.sum(jnp.log(width)) - 0.5 * len(width) * jnp.log(2 * jnp.pi)

    def fisher(self, theta: Any) -> Float[np.ndarray, "d d"]:
        """F = (∂μ/∂θ)ᵀ C⁻¹ (∂μ/∂θ)."""
        L = np.diag(self.L) if self.L.ndim == 1 else np.asarray(self.L)
        return normal_fisher(self.model, theta, L @ L.T)


def noisy_model(model: Callable[..., Any], covariance: Any, prior: Any) -> NoisyModel:
    """The simulator of a model(theta) [m] of JAX; `covariance` [m, m], or the standard deviations [m].

    Errors: InputError for a covariance that is none, a model that JAX cannot trace, or one of another length.
    """
    L, own = cholesky_of(covariance), make_prior(prior)
    theta = jax.ShapeDtypeStruct((len(own.names),), float)
    try:
        made = jax.eval_shape(model, theta)
    except (jax.errors.JAXTypeError, TypeError) as error:
        found = str(error).splitlines()[0][:200]
        raise InputError("model(theta), a function of JAX", found, "write it with jax.numpy") from error
    if getattr(made, "shape", None) != (len(L),):
        found = str(getattr(made, "shape", type(made).__name__))
        raise InputError(f"a model of {len(L)} data, as the covariance has", found, "return one number for each datum")
    return NoisyModel(model, jnp.asarray(L), own)


def cholesky_of(covariance: Any) -> Float[np.ndarray, "m *m"]:
    """L of C = L Lᵀ; standard deviations [m] as they are.

    Errors: InputError for what is not finite, not symmetric or not positive definite.
    """
    C = np.asarray(covariance, float)
    if not np.isfinite(C).all():
        raise InputError("a covariance of finite numbers", "NaN or infinity", "leave out these data")
    if C.ndim == 1:
        if not len(C) or (C <= 0).any():
            raise InputError("standard deviations above 0", f"{C.min(initial=0.0):g}", "leave out these data")
        return C
    if C.ndim != 2 or C.shape[0] != C.shape[1] or not len(C):
        raise InputError("a covariance [m, m], or standard deviations [m]", f"{list(C.shape)}", "give one of them")
    scale = np.sqrt(np.abs(np.diag(C)))
    if np.abs(C - C.T).max() > 1e-6 * scale.max() ** 2:
        found = f"entries that differ by {np.abs(C - C.T).max():.2g} from their mirror images"
        raise InputError("a symmetric covariance", found, "check the order of the file")
    try:
        return np.linalg.cholesky((C + C.T) / 2)
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh((C + C.T) / 2).min()
        fix = "add the statistical variances to its diagonal, or leave out data that repeat others"
        raise InputError("a positive definite covariance", f"an eigenvalue of {least:.2g}", fix) from None
