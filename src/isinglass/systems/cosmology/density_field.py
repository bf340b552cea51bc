# SPDX-License-Identifier: Apache-2.0
"""Gaussian and lognormal fields of a spectrum on a torus, with their exact likelihoods.

Without zero mode: the mean density is not known.  Ref: Coles and Jones 1991, doi:10.1093/mnras/248.1.1.
"""

from abc import abstractmethod
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.exact.field.fisher_information import spectral_fisher
from isinglass.systems.cosmology.spectrum import AbstractSpectrum, PowerLaw
from isinglass.systems.cosmology.torus import Torus, drawn, squared_modes
from isinglass.systems.simulator.prior import Prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["AbstractDensityField", "GaussianDensity", "LognormalDensity", "lattice_power"]


class AbstractDensityField(AbstractSimulator):
    """Something that is seen on the sites of a torus."""

    @abstractmethod
    def lattice(self) -> Torus:
        """Its sites."""

    @abstractmethod
    def contrast(self, x: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        """The field, of mean 0, whose spectrum is taken."""


class GaussianDensity(AbstractDensityField):
    """x: a Gaussian field of spectrum P(k; θ) without zero mode.  Law: ln p(x given θ) is a sum over modes."""

    spectrum: AbstractSpectrum = PowerLaw()
    torus: Torus = Torus()

    def prior(self) -> Prior:
        return self.spectrum.prior()

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, "*site"]:
        """White noise times √(P/v), mode by mode."""
        return drawn(key, lattice_power(self.spectrum, self.torus, theta))

    def lattice(self) -> Torus:
        return self.torus

    def contrast(self, x: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        return x

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, "*site"]) -> Float[Array, ""]:
        """-½ Σ_k≠0 [|x̃(k)|²/P + ln(2π P)], P in lattice units: a density over the L^d - 1 real modes."""
        return log_prob_of_modes(self.spectrum, self.torus, theta, x)

    def fisher(self, theta: Any) -> Float[np.ndarray, "d d"]:
        """F = ½ Σ_k≠0 ∂ln P/∂θ_i ∂ln P/∂θ_j: no unbiased estimate has a smaller covariance than F⁻¹."""
        _, shell = self.torus.distinct()
        of = lambda theta: jnp.log(shell_power(self.spectrum, self.torus, theta))[shell.ravel()[1:]]  # noqa: E731
        return spectral_fisher(of, theta)


class LognormalDensity(AbstractDensityField):
    """δ = exp(g)/mean(exp(g)) - 1, g a Gaussian field of spectrum P(k; θ) without zero mode, the mean that of the box.

    Law: g = ln(1 + δ) - mean(ln(1 + δ)): nothing is lost, the Fisher information is that of g.
    """

    spectrum: AbstractSpectrum = PowerLaw()
    torus: Torus = Torus()

    def prior(self) -> Prior:
        return self.spectrum.prior()

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, "*site"]:
        """Overdensity in units of the mean of the box, above -1."""
        g = drawn(key, lattice_power(self.spectrum, self.torus, theta))
        density = jnp.exp(g - jnp.max(g))
        return density / jnp.mean(density) - 1

    def gaussian(self, x: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """The g that a δ is made of."""
        g = jnp.log1p(x)
        return g - jnp.mean(g)

    def lattice(self) -> Torus:
        return self.torus

    def contrast(self, x: Shaped[Array, "*site"]) -> Float[Array, "*site"]:
        return x

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, "*site"]) -> Float[Array, ""]:
        """That of g; the density of δ differs by a factor without θ."""
        return log_prob_of_modes(self.spectrum, self.torus, theta, self.gaussian(x))

    def fisher(self, theta: Any) -> Float[np.ndarray, "d d"]:
        """That of the Gaussian field."""
        return GaussianDensity(self.spectrum, self.torus).fisher(theta)


def shell_power(spectrum: AbstractSpectrum, torus: Torus, theta: Float[Array, " d"]) -> Float[Array, " shell"]:
    """P(k; θ)/v of the shells of equal |k| > 0."""
    k, _ = torus.distinct()
    return spectrum.power(theta, jnp.asarray(k, theta.dtype)) / torus.cell


def lattice_power(spectrum: AbstractSpectrum, torus: Torus, theta: Float[Array, " d"]) -> Float[Array, "*site"]:
    """P(k; θ)/v of every mode; 0 of the zero mode."""
    P = shell_power(spectrum, torus, theta)
    return jnp.concatenate([P, jnp.zeros(1, P.dtype)])[torus.distinct()[1]]


def log_prob_of_modes(
    spectrum: AbstractSpectrum, torus: Torus, theta: Float[Array, " d"], x: Float[Array, "*site"]
) -> Float[Array, ""]:
    """-½ Σ_k≠0 [|x̃(k)|²/P + ln(2π P)], shell by shell; k and -k are the two real modes of a pair."""
    P, shell = shell_power(spectrum, torus, theta), torus.distinct()[1].ravel()[1:]
    count = jnp.asarray(np.bincount(shell), P.dtype)
    square = jnp.zeros_like(P).at[shell].add(squared_modes(x).ravel()[1:].astype(P.dtype))
    return -0.5 * jnp.sum(square / P + count * jnp.log(2 * jnp.pi * P))
